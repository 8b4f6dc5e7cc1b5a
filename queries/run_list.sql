-- title: Which runs match?
-- returns: run_id varchar, started_at timestamp, workflow varchar, stage varchar, version varchar,
--   channel varchar, status varchar, outcome varchar, outcome_source varchar, duration_ms double,
--   machine_ms double, cost_usd double, n_steps bigint, n_tool_calls bigint, error_class varchar,
--   termination_reason varchar, total bigint
-- about: $order is newest, oldest, slowest, costliest or longest (most steps). $search looks for
--   the text in ids, keys and error messages. total counts all matches before $limit and $offset.
select
    run_id, started_at, workflow, stage, version, channel, status, outcome, outcome_source, duration_ms,
    machine_ms, cost_usd, n_steps, n_tool_calls, error_class, termination_reason,
    count(*) over () as total
from runs
where started_at >= $since and started_at < $until
    and ($workflow is null or workflow in (select unnest($workflow::varchar[])))
    and ($stage is null or stage in (select unnest($stage::varchar[])))
    and ($outcome is null or outcome in (select unnest($outcome::varchar[])))
    and ($status is null or status in (select unnest($status::varchar[])))
    and ($channel is null or coalesce(channel, 'not recorded') in (select unnest($channel::varchar[])))
    and ($version is null or coalesce(version, 'not recorded') in (select unnest($version::varchar[])))
    and ($step is null or run_id in (select run_id from steps where coalesce(step, tool, name) = $step))
    and ($tool is null or run_id in (select run_id from steps where tool = $tool))
    and ($search is null
        or contains(lower(concat_ws(' ', run_id, task_key, case_id, session_id, error_message)), lower($search::varchar)))
order by
    case when $order = 'slowest' then machine_ms when $order = 'costliest' then cost_usd
        when $order = 'longest' then n_steps end desc nulls last,
    case when $order = 'oldest' then started_at end asc nulls last,
    started_at desc,
    run_id
limit coalesce($limit::bigint, 100) offset coalesce($offset::bigint, 0)
