-- id: INT-6
-- title: Do formats match?
-- gate: no
-- estimator: share
-- limits: 0.005 / 0.02 from 100
-- limit_kind: policy
-- unit: tool and structured calls
-- needs: steps.tool (kind=tool)
-- hint: Record tool calls with their error type, and their answers so that a new shape is seen.
-- fix: Transform at the adapter, and make a contract test of the sample: {evidence}.
-- owner: engineering
-- uses: attempts
-- about: Calls that failed on a schema, on parsing or on validation, of all tool calls; a model call whose
--   structured answer failed so is one more. A failure of no recorded class counts as one. Answers whose
--   shape was first seen in the last seven days are listed. Lenient parsers coerce silently: what no span
--   records is not seen here.
with answered as (
    select
        *,
        failed and coalesce(error_class, 'schema') = 'schema' as is_misfit,
        min(run_started_at) over (partition by workflow, tool) as tool_since,
        row_number() over (
            partition by workflow, tool, output_shape_hash order by run_started_at, started_at, seq, step_id
        ) as place
    from attempts
),
written as (
    select workflow, run_id, step_id, name, started_at, run_started_at, error_message
    from steps
    where kind = 'llm' and (status = 'error' or in_band_error) and coalesce(error_class, 'schema') = 'schema'
        and stage not in ('test', 'replay') and coalesce(agent, '') <> 'user_simulator'
        and run_started_at > $since and run_started_at <= $as_of
)
select
    workflow,
    run_id,
    step_id,
    is_misfit as failed,
    cast(run_started_at as date) as observed_on,
    coalesce(started_at, run_started_at) as observed_at,
    tool || ': ' || case
        when is_misfit then coalesce(error_class, 'error of no recorded class')
            || coalesce(', ' || substring(error_message, 1, 200), '')
        else 'no format error'
    end as why,
    1.0 as weight,
    true as counted,
    false as listed
from answered
union all
select workflow, run_id, step_id, true, cast(run_started_at as date), coalesce(started_at, run_started_at),
    name || ': structured answer' || coalesce(', ' || substring(error_message, 1, 200), ''), 1.0, true, false
from written
union all
select workflow, run_id, step_id, false, cast(run_started_at as date), coalesce(started_at, run_started_at),
    tool || ': answered in a shape first seen on ' || cast(cast(run_started_at as date) as varchar), 1.0, false, true
from answered
where output_shape_hash is not null and place = 1 and not failed
    and run_started_at > $as_of::timestamp - interval 7 day
    and tool_since <= $as_of::timestamp - interval 7 day
