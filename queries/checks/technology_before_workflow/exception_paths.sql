-- id: WF-5
-- title: When something goes wrong, does the run take a declared exception path?
-- gate: pilot
-- estimator: share
-- limits: 0.05 / 0.20 from 20
-- limit_kind: policy
-- unit: runs with a failed call
-- needs: workflows by workflow, steps.tool (kind=tool)
-- hint: Declare exception_paths as `tool:error_class: step`, and record tool calls with their errors.
-- fix: Declare a path for this class of errors and make the agent take it: {evidence}.
-- owner: product owner
-- uses: finished, attempts, calls, handled
-- about: A run whose calls all recovered, or that reached the exception step declared for the failed tool
--   and class of errors, took its path. A path for all errors (`*`) does not do for tools that write: it
--   would turn everything green. Business negatives are results, refused calls are GOV-2's.
with per_call as (
    select
        workflow, run_id, step_id, run_started_at, started_at, seq, tool, tool || ':' || class as subject,
        bool_or(is_made_good) as is_made_good,
        bool_or(coalesce(is_taken and is_specific, false)) as is_handled,
        bool_or(coalesce(is_taken, false)) as is_caught,
        bool_or(coalesce(is_specific, false)) as is_declared,
        max(to_step) as to_step
    from handled
    group by workflow, run_id, step_id, run_started_at, started_at, seq, tool, class
),
worst as (
    select
        *,
        not (is_made_good or is_handled) as failed,
        sum(case when is_made_good or is_handled then 0 else 1 end) over (partition by run_id) as lost
    from per_call
    qualify row_number() over (
        partition by run_id order by case when is_made_good or is_handled then 1 else 0 end, seq, step_id
    ) = 1
)
select
    workflow,
    run_id,
    step_id,
    failed,
    cast(run_started_at as date) as observed_on,
    coalesce(started_at, run_started_at) as observed_at,
    case
        when is_made_good then tool || ': recovered by another attempt'
        when is_handled then subject || ': went to ' || to_step
        when is_caught then subject || ': only a path for all errors, and the tool may write'
        when is_declared then subject || ': the path to ' || to_step || ' was not taken'
        else subject || ': no path declared'
    end as why,
    cast(lost as double) as weight
from worst
