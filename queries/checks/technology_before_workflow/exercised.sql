-- id: WF-4
-- title: Which declared branches and exception paths were never exercised?
-- gate: production
-- beside: WF-2
-- estimator: census
-- limits: 0.9 / 0.6 from 30
-- limit_kind: policy
-- good: high
-- unit: declared branches and exception paths
-- exposed: finished runs
-- level: E2
-- applies: declared_branches
-- unless: The workflow declares no decision and no exception path.
-- needs: workflow_edges by workflow
-- hint: Declare decision_points, exception_paths and edges in the workflow's file.
-- fix: Bring about what has never run, such as a rate limit or a refused approval: {evidence}.
-- owner: engineering
-- uses: finished, taken, attempts, calls, handled
-- about: Seen three times, as one pass shows that a path can be reached, not that it is handled. A branch
--   that declares an expected_rate, its share of runs, is also exercised where so few would not be
--   improbable (Poisson, 5 %). An exception path is seen when a call that triggers it failed and the run
--   went there.
with exposed as (
    select workflow, count(*) as runs, count(distinct cast(started_at as date)) as days
    from finished
    group by workflow
),
edges as (
    select
        declared.workflow,
        declared.from_step || ' → ' || declared.to_step as item,
        max(declared.condition) as condition,
        max(declared.expected_rate) as expected_rate,
        count(taken.run_id) as seen
    from workflow_edges as declared
    left join taken
        on taken.workflow = declared.workflow
        and taken.from_step = declared.from_step and taken.to_step = declared.to_step
    where declared.is_branch or declared.is_exception
    group by declared.workflow, declared.from_step, declared.to_step
),
items as (
    select * from edges
    union all
    select
        paths.workflow, paths.trigger || ' → ' || paths.to_step, 'a failure of ' || paths.trigger, null,
        count(distinct case when handled.is_taken then handled.run_id end)
    from workflow_paths as paths
    left join handled on handled.workflow = paths.workflow and handled.trigger = paths.trigger
    group by paths.workflow, paths.trigger, paths.to_step
),
judged as (
    select
        items.*, coalesce(exposed.runs, 0) as runs, coalesce(exposed.days, 0) as days,
        seen >= 3 or coalesce(exp(-expected_rate * runs) * (
            1
            + case when seen >= 1 then expected_rate * runs else 0 end
            + case when seen >= 2 then pow(expected_rate * runs, 2) / 2 else 0 end
        ) >= 0.05, false) as is_exercised
    from items
    left join exposed on exposed.workflow = items.workflow
)
select
    workflow,
    cast(null as varchar) as run_id,
    cast(null as varchar) as step_id,
    not is_exercised as failed,
    cast($as_of as date) as observed_on,
    cast(null as timestamp) as observed_at,
    item || case seen when 0 then ': never seen' when 1 then ': seen once' when 2 then ': seen twice'
        else ': seen ' || cast(seen as varchar) || ' times' end || case when is_exercised then '' else coalesce(', test it with ' || condition, '') end as why,
    cast(3 - least(seen, 3) as double) as weight,
    case when is_exercised then 1.0 else 0.0 end as filled,
    1.0 as counted,
    cast(runs as double) as exposure,
    days >= 7 and runs >= 60 as borne_out
from judged
