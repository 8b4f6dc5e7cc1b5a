-- title: Steps of the window that somebody charges for: model calls, and calls of tools that ever state a cost.
-- about: A call that repeats the usage of the calls inside it is charged there. A call that the provider
--   refused (rate limit, credentials, no such model) costs nothing; any other without a price is unknown.
select
    workflow, run_id, step_id, tool, cost_usd, cost_source, attempt, input_hash, seq,
    case when kind = 'llm' then coalesce(model, 'unknown model') else coalesce(tool, name) end as subject,
    price_version, started_at, run_started_at, input_tokens, output_tokens
from steps
where run_started_at > $since and run_started_at <= $as_of and stage not in ('test', 'replay')
    and coalesce(agent, '') <> 'user_simulator'
    and repeats_usage is null
    and (cost_usd is not null or status <> 'error'
        or coalesce(error_class, '') not in ('rate_limit', 'auth', 'not_found'))
qualify kind = 'llm' or (kind in ('tool', 'retrieval')
    and count(cost_usd) over (partition by workflow, kind, coalesce(tool, name)) > 0)
