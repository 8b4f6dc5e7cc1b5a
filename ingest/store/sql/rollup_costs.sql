-- Every source side by side, spread evenly over the UTC days of its period; the reader takes the lowest
-- rank a provider-day has, so that two tellings of one dollar are never added. Within one source the lines
-- may tell the same dollars in several views, numbered by the attribute `telling`: the lowest that states money holds.
-- The cost of a simulated user belongs to the test bench, not to the agent: it is left out.
delete from rollup_costs;

insert into rollup_costs by name
with stated as (
    select c.*,
        period_start::date as first_day,
        greatest(period_start::date, (period_end - interval 1 microsecond)::date) as last_day
    from costs c
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
        spread.cost_usd / days as cost_usd
    from spread left join best using (day, provider, source) left join runs r using (run_id)
    where best.telling is null or spread.telling = best.telling
    union all by name
    select
        s.run_started_at::date as day, coalesce(s.provider, 'unknown') as provider, 'traces' as source,
        s.workflow, s.stage, null as team, s.model,
        case when s.kind = 'llm' then 'llm' else 'api' end as category, 'estimated' as measure,
        s.cost_usd
    from steps s
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
    workflow, stage, team, model, category, measure,
    sum(cost_usd) as cost_usd, count(*) as lines,
    count(*) filter (where cost_usd is null) as unpriced_lines
from daily
group by all
order by day, provider, rank, workflow;
