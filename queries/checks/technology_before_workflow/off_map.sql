-- id: WF-3
-- title: How much of the traffic is off the map?
-- gate: no
-- estimator: share
-- limits: 0.02 / 0.05 from 200
-- limit_kind: policy
-- unit: transitions
-- needs: workflow_edges by workflow
-- hint: Declare steps and edges in the workflow's file, and `match` patterns for the names seen in traces.
-- fix: Declare these transitions or stop the agent taking them, those of failed runs first: {evidence}.
-- owner: product owner
-- uses: finished, declared_edges, taken, off_map
-- about: Transitions between declared steps that the map does not have. The interval counts runs, not
--   transitions: long runs dominate the rate, so WF-2 decides. Passing rows say how many steps of agents,
--   tools, people and plans no pattern of the map names.
with undeclared as (
    select
        off_map.workflow, off_map.why,
        count(*) as n,
        count(distinct off_map.run_id) as runs,
        count(distinct case when finished.outcome in ('failure', 'abandoned') then off_map.run_id end) as failed_runs,
        avg(finished.cost_usd) as cost_usd
    from off_map
    join finished on finished.run_id = off_map.run_id
    group by off_map.workflow, off_map.why
),
unnamed as (
    select steps.workflow, count(*) as n, count(*) - count(steps.step) as lacking
    from steps
    join finished on finished.run_id = steps.run_id
    where steps.kind in ('agent', 'tool', 'human', 'plan')
        and (steps.kind <> 'agent' or steps.parent_step_id is not null)
        and steps.run_started_at > $since and steps.run_started_at <= $as_of
    group by steps.workflow
)
select
    taken.workflow,
    taken.run_id,
    taken.step_id,
    undeclared.why is not null as failed,
    cast(finished.started_at as date) as observed_on,
    coalesce(taken.started_at, finished.started_at) as observed_at,
    coalesce(
        undeclared.why || ', ' || cast(undeclared.n as varchar) || ' in all, '
            || cast(undeclared.failed_runs as varchar) || ' of ' || cast(undeclared.runs as varchar) || ' runs failed'
            || coalesce(', ' || cast(round(undeclared.cost_usd, 2) as varchar) || ' US dollars a run', ''),
        taken.from_step || ' → ' || taken.to_step || ': declared; '
            || coalesce(cast(unnamed.lacking as varchar) || ' of ' || cast(unnamed.n as varchar), 'none')
            || ' steps of agents, tools, people and plans are on no step of the map'
    ) as why,
    coalesce(undeclared.failed_runs + undeclared.n / (undeclared.n + 1.0), 0.0) as weight,
    taken.run_id as cluster
from taken
join finished on finished.run_id = taken.run_id
left join off_map
    on off_map.run_id = taken.run_id
    and off_map.from_step = taken.from_step and off_map.to_step = taken.to_step
    and off_map.step_id is not distinct from taken.step_id
left join undeclared on undeclared.workflow = off_map.workflow and undeclared.why = off_map.why
left join unnamed on unnamed.workflow = taken.workflow
