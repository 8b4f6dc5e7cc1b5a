-- title: Every attempt of a tool call in the window, and which call of its run, tool and input it belongs to.
-- about: Failed are errors and errors inside an answer; business negatives are results.
select
    workflow, run_id, step_id, tool, agent, system, side_effect, started_at, ended_at, run_started_at, seq, depth,
    status, error_class, error_type, error_message, http_status, input_hash, output_hash, output_shape_hash,
    resource_key, idempotency_key, retry_after_ms, is_executed,
    coalesce(attempt, 1) as attempt,
    status = 'error' and coalesce(error_class, '') <> 'business' as is_error,
    in_band_error and status <> 'error' and coalesce(error_class, '') <> 'business' as is_silent,
    (status = 'error' or in_band_error) and coalesce(error_class, '') <> 'business' as failed,
    sum(case when coalesce(attempt, 1) = 1 then 1 else 0 end) over (
        partition by run_id, tool, input_hash order by started_at, seq, step_id
    ) as call
from steps
where kind = 'tool' and tool is not null and stage not in ('test', 'replay')
    and coalesce(agent, '') <> 'user_simulator'
    and run_started_at > $since and run_started_at <= $as_of
