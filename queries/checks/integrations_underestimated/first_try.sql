-- id: INT-1
-- title: How often does a call fail the first time?
-- gate: no
-- estimator: share
-- limits: 0.01 / 0.05 from 50
-- limit_kind: derived
-- unit: calls of one tool
-- needs: steps.tool (kind=tool)
-- hint: Record every tool call as a span of kind tool with its name.
-- fix: Pace rate limits, set deadlines, test the contract, refresh credentials, by class: {evidence}.
-- owner: engineering
-- uses: attempts
-- about: The worst tool by the number of runs its first failures touch. Before any retry: a high
--   rate after retries can hide a provider that fails often. Errors inside an answer are INT-2's.
--   Business negatives are results.
with firsts as (
    select workflow, run_id, step_id, tool, started_at, run_started_at, error_class, is_error as failed
    from attempts
    where attempt = 1
),
exposure as (
    select workflow, tool, count(*) as n, count(distinct case when failed then run_id end) as touched
    from firsts
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
    firsts.workflow,
    run_id,
    step_id,
    failed,
    cast(run_started_at as date) as observed_on,
    coalesce(started_at, run_started_at) as observed_at,
    firsts.tool || ': ' || case when failed then coalesce(error_class, 'error of unknown class') || ' on the first try'
        else 'answered on the first try' end as why,
    1.0 as weight
from firsts
join worst on worst.workflow = firsts.workflow and worst.tool = firsts.tool and worst.place = 1
