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
-- about: The worst tool by the number of runs its first failures touch, those over the limit first. A tool
--   over the limit that is called too rarely to be judged keeps the check from green. Before any retry: a
--   high rate after retries can hide a provider that fails often. An attempt whose input is unknown stands
--   for itself. Errors inside an answer are INT-2's, refused calls GOV-2's. Business negatives are results.
with firsts as (
    select workflow, run_id, step_id, tool, started_at, run_started_at, error_class, is_error as failed
    from attempts
    where (attempt = 1 or input_hash is null) and coalesce(is_executed, true)
),
tools as (
    select workflow, tool, count(*) as n, count(*) >= $n_min as is_known,
        sum(case when failed then 1 else 0 end) > $limit_a * count(*) as is_over,
        count(distinct case when failed then run_id end) as touched
    from firsts
    group by workflow, tool
),
ranked as (
    select *,
        row_number() over (
            partition by workflow
            order by case when is_known and is_over then 0 when is_known then 1 else 2 end, touched desc, n desc, tool
        ) as place
    from tools
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
    1.0 as weight,
    place = 1 as counted,
    place > 1 as held
from firsts
join ranked on ranked.workflow = firsts.workflow and ranked.tool = firsts.tool
where place = 1 or (failed and is_over and not is_known)
