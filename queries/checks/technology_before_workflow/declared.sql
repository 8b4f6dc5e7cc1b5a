-- id: WF-1
-- title: Is the workflow written down end to end?
-- gate: pilot
-- borne_out_by: WF-2
-- estimator: census
-- limits: 1 / 0.8
-- limit_kind: policy
-- good: high
-- unit: items
-- level: E0
-- fix: Write down what is missing in the workflow's file: {evidence}. Fill done_when first, without it no success rate exists.
-- owner: product owner
-- about: Twelve items; lists count by their filled part. A map drawn from traces agrees with itself,
--   so without a review by a named person it is never green.
with names as (
    select workflow from workflows
    union
    select workflow from runs where started_at > $since and started_at <= $as_of and stage not in ('test', 'replay')
),
steps_of as (
    select workflow, count(*) as n, avg(case when system is not null then 1.0 else 0 end) as with_system
    from workflow_steps
    group by workflow
),
branches as (
    select workflow, from_step as step, count(*) as n, count(condition) as stated
    from workflow_edges
    where is_branch and from_step <> '^'
    group by workflow, from_step
),
criteria as (
    select workflow, point.key as step, json_extract_string(point.value, '$.criteria') as told
    from (
        select workflow,
            unnest(map_entries(try_cast(json_extract(declaration, '$.decision_points') as map(varchar, json)))) as point
        from workflows
    )
),
decisions as (
    select
        coalesce(branches.workflow, criteria.workflow) as workflow,
        avg(case when n >= 2 and (told is not null or stated = n) then 1.0 else 0 end) as part
    from branches
    full join criteria on criteria.workflow = branches.workflow and criteria.step = branches.step
    group by coalesce(branches.workflow, criteria.workflow)
),
external as (
    select
        tools.workflow,
        tools.tool,
        max(case when paths.trigger is not null then 1.0 else 0 end) as has_path
    from workflow_tools as tools
    left join workflow_paths as paths
        on paths.workflow = tools.workflow
        and split_part(paths.trigger, ':', 1) in (tools.tool, split_part(tools.tool, '.', 1), '*')
    where tools.side_effect = 'external'
    group by tools.workflow, tools.tool
),
paths_of as (select workflow, avg(has_path) as part from external group by workflow),
money as (select scope as workflow, count(*) as n from budgets where scope_kind = 'workflow' group by scope),
facts as (
    select
        names.workflow,
        w.workflow is not null as is_declared,
        (case when w.owner_product is not null then 1 else 0 end
            + case when w.owner_operations is not null then 1 else 0 end
            + case when w.owner_engineering is not null then 1 else 0 end) / 3.0 as owners,
        w.done_when is not null as has_done_when,
        w.trigger is not null as has_trigger,
        coalesce(cast(w.inputs as varchar), '[]') not in ('[]', 'null') as has_inputs,
        coalesce(cast(w.outputs as varchar), '[]') not in ('[]', 'null') as has_outputs,
        least(coalesce(steps_of.n, 0), 2) / 2.0 as steps_part,
        coalesce(steps_of.with_system, 0) as system_part,
        coalesce(decisions.part, case when steps_of.n >= 2 then 1.0 else 0 end) as decision_part,
        coalesce(paths_of.part, case when steps_of.n >= 2 then 1.0 else 0 end) as path_part,
        w.expected_monthly_volume is not null as has_volume,
        money.n is not null as has_budget,
        w.fallback is not null as has_fallback,
        coalesce(w.source, 'reviewed') = 'discovered' and w.reviewed_at is null as is_unreviewed
    from names
    left join workflows as w on w.workflow = names.workflow
    left join steps_of on steps_of.workflow = names.workflow
    left join decisions on decisions.workflow = names.workflow
    left join paths_of on paths_of.workflow = names.workflow
    left join money on money.workflow = names.workflow
),
items as (
    select workflow, 'done_when' as item, 12 as place, case when has_done_when then 1.0 else 0 end as filled, 1 as counted
    from facts
    union all select workflow, 'owners of product, operations and engineering', 11, owners, 1 from facts
    union all select workflow, 'at least two steps', 10, steps_part, 1 from facts
    union all select workflow, 'system of every step', 9, system_part, 1 from facts
    union all select workflow, 'criteria and two branches for every decision', 8, decision_part, 1 from facts
    union all select workflow, 'exception path for every external tool', 7, path_part, 1 from facts
    union all select workflow, 'human fallback', 6, case when has_fallback then 1.0 else 0 end, 1 from facts
    union all select workflow, 'trigger', 5, case when has_trigger then 1.0 else 0 end, 1 from facts
    union all select workflow, 'input system', 4, case when has_inputs then 1.0 else 0 end, 1 from facts
    union all select workflow, 'output system', 3, case when has_outputs then 1.0 else 0 end, 1 from facts
    union all select workflow, 'monthly volume', 2, case when has_volume then 1.0 else 0 end, 1 from facts
    union all select workflow, 'monthly budget', 1, case when has_budget then 1.0 else 0 end, 1 from facts
    union all
    select workflow, 'review of the map drawn from traces', 13, 0.0, 0
    from facts
    where is_unreviewed
)
select
    workflow,
    cast(null as varchar) as run_id,
    cast(null as varchar) as step_id,
    filled < 1 as failed,
    cast($as_of as date) as observed_on,
    cast(null as timestamp) as observed_at,
    item || case when filled <= 0 then ': missing' when filled < 1 then ': incomplete' else ': written down' end as why,
    cast(place as double) as weight,
    cast(filled as double) as filled,
    cast(counted as double) as counted
from items
