-- id: WF-7
-- title: Is this one workflow, or many, and are new paths still appearing?
-- gate: no
-- estimator: species
-- limits: 0.05 / 0.15 from 50
-- limit_kind: policy
-- unit: finished runs
-- needs: steps.name
-- hint: Record the tools, agents, people and plans of a run as spans with names.
-- fix: Split kinds of intake, or fix the order of steps; a path nobody took before: {evidence}.
-- owner: product owner
-- uses: finished
-- about: Chance that the next run takes a path never seen (Good-Turing): paths taken once, of all runs. A path
--   is the order of the map's steps, with tools, people and plans that are on none by their own names; of
--   names, those of agents too, where there is no map; repeats collapsed. Effective paths are two to the entropy of their shares: compare them over time
--   within one workflow, not across workflows, as they grow with the length of runs.
with mapped as (select workflow from workflow_steps union select workflow from workflow_edges),
named as (
    select
        finished.workflow, finished.run_id, mapped.workflow is not null and steps.step is null as is_off_map,
        coalesce(steps.step, steps.name) as name,
        row_number() over (
            partition by finished.run_id order by steps.started_at nulls last, steps.seq, steps.step_id
        ) as place
    from finished
    join steps on steps.run_id = finished.run_id
    left join mapped on mapped.workflow = finished.workflow
    where steps.run_started_at > $since and steps.run_started_at <= $as_of
        and coalesce(steps.agent, '') <> 'user_simulator'
        and (steps.step is not null or steps.kind in ('tool', 'human', 'plan')
            or (steps.kind = 'agent' and mapped.workflow is null))
),
collapsed as (
    select *
    from named
    qualify name is distinct from lag(name) over (partition by run_id order by place)
),
taken_paths as (
    select
        workflow, run_id,
        array_to_string(list_transform(list_sort(list({'place': place, 'name': name})), lambda x: x.name), ' → ') as path
    from collapsed
    group by workflow, run_id
),
kinds as (
    select
        taken_paths.workflow, path,
        count(*) as n,
        avg(case when finished.outcome = 'unknown' then null when finished.outcome = 'success' then 1.0 else 0 end)
            as success_rate,
        avg(finished.cost_usd) as cost_usd
    from taken_paths
    join finished on finished.run_id = taken_paths.run_id
    group by taken_paths.workflow, path
),
shared as (
    select *, n / sum(n) over (partition by workflow) as part, sum(n) over (partition by workflow) as runs
    from kinds
),
strangers as (select workflow, bool_and(is_off_map) as are_all from named group by workflow),
varied as (
    select workflow, count(*) as paths, pow(2, -sum(part * log2(part))) as effective
    from shared
    group by workflow
)
select
    shared.workflow,
    taken_paths.run_id,
    cast(null as varchar) as step_id,
    shared.n = 1 as failed,
    cast(finished.started_at as date) as observed_on,
    finished.started_at as observed_at,
    left(shared.path, 120) || case when length(shared.path) > 120 then ' …: ' else ': ' end || case when shared.n = 1 then 'taken once'
        else cast(shared.n as varchar) || ' of ' || cast(shared.runs as varchar) || ' runs' end
        || coalesce(', ' || cast(cast(round(100 * success_rate) as bigint) as varchar) || ' % succeeded', '')
        || coalesce(', ' || cast(round(shared.cost_usd, 2) as varchar) || ' US dollars a run', '')
        || '; ' || cast(varied.paths as varchar) || ' paths, as varied as '
        || cast(round(effective, 2) as varchar) || ' equal ones' as why,
    1.0 as weight,
    shared.path as kind,
    case when are_all then 'no step of any run is on the map.' end as unmeasured
from taken_paths
join finished on finished.run_id = taken_paths.run_id
join shared on shared.workflow = taken_paths.workflow and shared.path = taken_paths.path
join varied on varied.workflow = shared.workflow
join strangers on strangers.workflow = shared.workflow
