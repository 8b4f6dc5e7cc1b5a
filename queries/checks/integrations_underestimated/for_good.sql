-- id: INT-2
-- title: How often does a call fail for good?
-- gate: pilot
-- estimator: share
-- limits: 0.005 / 0.02 from 50
-- limit_kind: policy
-- unit: tool calls
-- needs: steps.tool (kind=tool)
-- hint: Record every tool call as a span of kind tool with its name, and its error flag.
-- fix: Give each class an exception path or a fallback: {evidence}.
-- owner: engineering
-- beside: INT-3
-- uses: attempts, calls
-- about: Calls whose last attempt failed, also where the tool reported success with an error inside. All
--   tools together, unless one alone is over the limit: then the one whose lost calls touch most runs. A
--   tool over the limit that is called too rarely to be judged keeps the check from green. An attempt whose
--   input is unknown stands for itself, as nothing shows that it was tried again. Refused calls are GOV-2's.
--   Business negatives are results and not lost; the five commonest are listed.
with ends as (
    select workflow, run_id, step_id, tool, started_at, run_started_at, attempt, failed, is_silent, is_executed,
        error_class, error_type, error_message
    from calls
    where input_hash is not null and coalesce(is_executed, true)
    union all
    select workflow, run_id, step_id, tool, started_at, run_started_at, attempt, failed, is_silent, is_executed,
        error_class, error_type, error_message
    from attempts
    where input_hash is null and coalesce(is_executed, true)
),
tools as (
    select workflow, tool, count(*) as n, count(*) >= $n_min as is_known,
        sum(case when failed then 1 else 0 end) > $limit_a * count(*) as is_over,
        count(distinct case when failed then run_id end) as touched
    from ends
    group by workflow, tool
),
ranked as (
    select *,
        row_number() over (
            partition by workflow
            order by case when is_known and is_over then 0 else 1 end, touched desc, n desc, tool
        ) as place,
        bool_or(is_known and is_over) over (partition by workflow) as has_worst
    from tools
),
negatives as (
    select *, count(*) over (partition by workflow, tool, kind) as times,
        row_number() over (partition by workflow, tool, kind order by run_started_at desc, run_id, step_id) as place
    from (select *, coalesce(error_type, error_class) as kind from ends where error_class = 'business')
)
select
    ends.workflow,
    run_id,
    step_id,
    failed,
    cast(run_started_at as date) as observed_on,
    coalesce(started_at, run_started_at) as observed_at,
    ends.tool || ': ' || case
        when failed and is_silent then 'reported as success with an error inside, '
        when failed then ''
        else 'answered'
    end || case when failed then coalesce(error_class, 'error of unknown class') || ' on attempt '
        || cast(attempt as varchar) || coalesce(', ' || substring(error_message, 1, 200), '') else '' end as why,
    case when is_silent then 2.0 else 1.0 end as weight,
    true as counted,
    is_over and not is_known as held,
    false as listed
from ends
join ranked on ranked.workflow = ends.workflow and ranked.tool = ends.tool
where not has_worst or place = 1
union all
select workflow, run_id, step_id, false, cast(run_started_at as date), coalesce(started_at, run_started_at),
    tool || ': ' || kind || ', taken ' || cast(times as varchar) || ' times as a result, not as an error',
    cast(times as double), false, false, true
from negatives
where place = 1
