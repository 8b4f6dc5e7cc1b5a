-- title: What did the calls of each workflow cost in this window and in the one of the same length before?
-- returns: workflow varchar, is_after boolean, is_aside boolean, kind varchar, subject varchar, model varchar,
--   response_model varchar, provider varchar, calls bigint, first_attempts bigint, priced_calls bigint,
--   cost_usd double, told_calls bigint, uncached_tokens bigint, cache_read_tokens bigint,
--   cache_write_tokens bigint, output_tokens bigint
-- about: Calls somebody charges for, by model or tool, of the runs that began in the window: model calls and tools
--   that ever state a cost. `is_aside` marks tests and replays. Tokens are those of the `told_calls`, which have a
--   price and tokens. A run that only states a cost of its own is one call of kind `run`, in place of its calls.
with bounds as (select $since::timestamp as since, $until::timestamp as until),
called as (
    select steps.*, run_started_at >= since as is_after, kind = 'llm' as is_model,
        stage in ('test', 'replay') as is_aside
    from steps cross join bounds
    where (kind in ('llm', 'tool', 'retrieval') or cost_usd is not null) and repeats_usage is null
        and run_started_at >= since - (until - since) and run_started_at < until
        and agent is distinct from 'user_simulator'
        and ($workflow is null or workflow in (select unnest($workflow::varchar[])))
        and (cost_usd is not null or status <> 'error'
            or coalesce(error_class, '') not in ('rate_limit', 'auth', 'not_found'))
    qualify kind = 'llm' or count(cost_usd) over (partition by workflow, kind, coalesce(tool, name)) > 0
),
whole_runs as (
    select run_id, workflow, started_at >= since as is_after, stage in ('test', 'replay') as is_aside, cost_usd
    from runs cross join bounds
    where cost_usd is not null and started_at >= since - (until - since) and started_at < until
        and ($workflow is null or workflow in (select unnest($workflow::varchar[])))
        and not exists (select 1 from steps where steps.run_id = runs.run_id and steps.cost_usd is not null)
        and not exists (select 1 from costs where costs.run_id = runs.run_id)
),
charged as (
    select workflow, is_after, is_aside, kind, case when is_model then coalesce(model, 'unknown model')
            else coalesce(tool, name) end as subject,
        case when is_model then model end as model, case when is_model then response_model end as response_model,
        case when is_model then provider end as provider,
        kind <> 'tool' or coalesce(attempt, 1) = 1 as is_first, cost_usd,
        cost_usd is not null and is_model and input_tokens is not null as is_told,
        input_tokens, coalesce(cache_read_tokens, 0) as cache_read_tokens,
        coalesce(cache_write_tokens, 0) as cache_write_tokens, coalesce(output_tokens, 0) as output_tokens
    from called
    where run_id not in (select run_id from whole_runs)
    union all
    select workflow, is_after, is_aside, 'run', 'runs priced as a whole', null, null, null, true, cost_usd, false,
        null, null, null, null
    from whole_runs
)
select workflow, is_after, is_aside, kind, subject, model, response_model, provider,
    count(*) as calls, count(*) filter (where is_first) as first_attempts, count(cost_usd) as priced_calls,
    round(sum(cost_usd), 9) as cost_usd, count(*) filter (where is_told) as told_calls,
    cast(sum(input_tokens - cache_read_tokens - cache_write_tokens) filter (where is_told) as bigint) as uncached_tokens,
    cast(sum(cache_read_tokens) filter (where is_told) as bigint) as cache_read_tokens,
    cast(sum(cache_write_tokens) filter (where is_told) as bigint) as cache_write_tokens,
    cast(sum(output_tokens) filter (where is_told) as bigint) as output_tokens
from charged
group by workflow, is_after, is_aside, kind, subject, model, response_model, provider
order by workflow, kind, subject, model, response_model, provider, is_aside, is_after
