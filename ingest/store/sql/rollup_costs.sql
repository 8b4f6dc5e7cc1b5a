-- Every source side by side, spread evenly over the UTC days of its period; the reader takes the lowest
-- rank a provider-day has, so that two tellings of one dollar are never added. Within one source the lines
-- may tell the same dollars in several views, numbered by the attribute `telling`: the lowest that states money holds.
-- The cost of a simulated user belongs to the test bench, not to the agent: it is left out.
-- `tags` are the scopes of tag budgets a line falls under: `key=value` or `key:value` of tags that are an object, the
-- words of tags that are a list. A traced call without a provider is that of the provider who alone
-- bills its model, else of the one whose public price it has: an invoice and the traces of its calls are never added.
delete from rollup_costs;

insert into rollup_costs by name
with words as (
    select tags, unnest(case json_type(tags)
        when 'ARRAY' then list_transform(tags::json[], lambda item: item->>'$')
        when 'OBJECT' then flatten(list_transform(map_entries(tags::map(varchar, json)),
            lambda pair: [pair.key || '=' || (pair.value->>'$'), pair.key || ':' || (pair.value->>'$')]))
        when 'VARCHAR' then [tags->>'$'] end) as word
    from (select distinct tags from costs where tags is not null)
),
budgeted as (
    select tags as stated_tags, to_json(list(word order by word)) as tags
    from (select distinct tags, word from words where word in (select scope from budgets where scope_kind = 'tag'))
    group by stated_tags
),
billers as (
    select model, min(provider) as provider from costs
    where model is not null and provider <> 'unknown'
    group by model having count(distinct provider) = 1
),
sellers as (
    select regexp_extract(price_version, 'genai-prices [^ ]+ ([^ ,]+)', 1) as seller, min(provider) as provider
    from prices
    where provider is not null and price_version like 'genai-prices %'
    group by seller having count(distinct provider) = 1
),
stated as (
    select c.* exclude (tags), budgeted.tags,
        period_start::date as first_day,
        greatest(period_start::date, (period_end - interval 1 microsecond)::date) as last_day
    from costs c left join budgeted on budgeted.stated_tags = c.tags
),
spread as (
    select s.*, coalesce((attributes->>'telling')::int, 0) as telling,
        unnest(generate_series(first_day, last_day, interval 1 day))::date as day,
        date_diff('day', first_day, last_day) + 1 as days
    from stated s
),
best as (
    select day, provider, source, min(telling) as telling
    from spread where cost_usd is not null group by all
),
daily as (
    select
        day, spread.provider, spread.source,
        coalesce(spread.workflow, r.workflow) as workflow,
        r.stage, spread.team, spread.model, spread.category, spread.measure,
        spread.tags, spread.cost_usd / days as cost_usd, request_count / days as requests,
        spread.input_tokens / days as input_tokens, spread.output_tokens / days as output_tokens
    from spread left join best using (day, provider, source) left join runs r using (run_id)
    where best.telling is null or spread.telling = best.telling
    union all by name
    select
        s.run_started_at::date as day, 'traces' as source,
        coalesce(s.provider, asked.provider, answered.provider, sellers.provider, 'unknown') as provider,
        s.workflow, s.stage, null as team, s.model,
        case when s.kind = 'llm' then 'llm' else 'api' end as category, 'estimated' as measure,
        s.cost_usd, 1 as requests, s.input_tokens, s.output_tokens
    from steps s
    left join billers asked on s.provider is null and asked.model = s.model
    left join billers answered on s.provider is null and answered.model = s.response_model
    left join sellers on s.provider is null
        and sellers.seller = regexp_extract(s.price_version, 'genai-prices [^ ]+ ([^ ,]+)', 1)
    where (s.kind = 'llm' or s.cost_usd is not null) and s.agent is distinct from 'user_simulator'
    union all by name
    select
        r.started_at::date as day, 'unknown' as provider, 'traces' as source, r.workflow, r.stage,
        null as team, null as model, 'llm' as category, 'estimated' as measure, r.cost_usd
    from runs r
    where r.cost_usd is not null
        and not exists (select 1 from steps s where s.run_id = r.run_id and s.cost_usd is not null)
        and not exists (select 1 from costs c where c.run_id = r.run_id)
)
select
    day, provider, source,
    case source when 'invoice' then 1 when 'usage_api' then 2 when 'gateway_log' then 3
        when 'client_log' then 4 when 'manual' then 5 else 6 end as rank,
    workflow, stage, team, model, category, measure, tags,
    sum(cost_usd order by cost_usd) as cost_usd, count(*) as lines,
    count(*) filter (where cost_usd is null) as unpriced_lines,
    sum(requests) as requests, sum(input_tokens) as input_tokens, sum(output_tokens) as output_tokens
from daily
group by all
order by day, provider, rank, workflow;
