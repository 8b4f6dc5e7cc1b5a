-- id: INT-2
-- title: How often does a call fail for good?
-- gate: pilot
-- estimator: share
-- limits: 0.005 / 0.02 from 50
-- limit_kind: policy
-- unit: calls of one tool
-- needs: steps.tool (kind=tool)
-- hint: Record every tool call as a span of kind tool with its name, and its error flag.
-- fix: Give each class an exception path or a fallback: {evidence}.
-- owner: engineering
-- uses: attempts, calls
-- about: The worst tool by the number of runs its lost calls touch. A call is lost when its last
--   attempt failed, also where the tool reported success with an error inside. Business negatives
--   are results.
with exposure as (
    select workflow, tool, count(*) as n, count(distinct case when failed then run_id end) as touched
    from calls
    group by workflow, tool
),
worst as (
    select workflow, tool,
        row_number() over (
            partition by workflow
            order by case when n >= $n_min then 0 else 1 end, touched desc, n desc, tool
        ) as place
    from exposure
)
select
    calls.workflow,
    run_id,
    step_id,
    failed,
    cast(run_started_at as date) as observed_on,
    coalesce(started_at, run_started_at) as observed_at,
    calls.tool || ': ' || case
        when failed and is_silent then 'reported as success with an error inside, '
        when failed then ''
        else 'answered'
    end || case when failed then coalesce(error_class, 'error of unknown class') || ' on attempt '
        || cast(attempt as varchar) || coalesce(', ' || substring(error_message, 1, 200), '') else '' end as why,
    case when is_silent then 2.0 else 1.0 end as weight
from calls
join worst on worst.workflow = calls.workflow and worst.tool = calls.tool and worst.place = 1
