-- id: WF-2
-- title: Do real runs follow the map?
-- gate: pilot
-- estimator: share
-- limits: 0.05 / 0.20 from 30
-- from_production: 100
-- limit_kind: policy
-- unit: finished runs
-- needs: workflow_edges by workflow
-- hint: Declare steps and edges in the workflow's file, and `match` patterns for the names seen in traces.
-- fix: Either declare the transition or stop the agent taking it: {evidence}.
-- owner: product owner
-- about: Directly-follows over declared steps, repeats collapsed. Steps that overlap in time have no
--   order and are not judged; a run that broke off with an error is not judged on its last step, WF-5 does.
--   A declared exception path may be entered from anywhere.
with finished as (
    select run_id, workflow, started_at, status
    from runs
    where started_at > $since and started_at <= $as_of and stage not in ('test', 'replay')
        and status <> 'running'
        and (ended_at is not null or started_at <= $as_of::timestamp - interval 24 hour)
        and workflow in (select workflow from workflow_edges)
),
ordered as (
    select
        steps.run_id,
        steps.step,
        steps.started_at,
        steps.ended_at,
        row_number() over (partition by steps.run_id order by steps.started_at, steps.seq, steps.step_id) as place,
        count(*) over (partition by steps.run_id) as places
    from steps
    join finished on finished.run_id = steps.run_id
    where steps.step is not null and steps.started_at is not null
        and steps.run_started_at > $since and steps.run_started_at <= $as_of
),
paired as (
    select
        run_id,
        step,
        place,
        places,
        started_at,
        lag(step) over (partition by run_id order by place) as previous,
        lag(ended_at) over (partition by run_id order by place) as previous_ended_at
    from ordered
),
taken as (
    select run_id, '^' as from_step, step as to_step from paired where place = 1
    union all
    select run_id, previous, step
    from paired
    where previous <> step
        and (previous_ended_at is null or started_at >= previous_ended_at - interval 10 millisecond)
    union all
    select paired.run_id, paired.step, '$'
    from paired
    join finished on finished.run_id = paired.run_id
    where paired.place = paired.places and finished.status in ('ok', 'unknown')
),
ends as (
    select workflow, max(case when from_step = '^' then 1 else 0 end) as has_entry,
        max(case when to_step = '$' then 1 else 0 end) as has_exit
    from workflow_edges
    group by workflow
),
firsts as (select workflow, min(position) as position from workflow_steps group by workflow),
declared as (
    select workflow, from_step, to_step from workflow_edges
    union
    select s.workflow, '^', s.step
    from workflow_steps as s
    join ends on ends.workflow = s.workflow and ends.has_entry = 0
    join firsts on firsts.workflow = s.workflow
    left join workflow_edges as e on e.workflow = s.workflow and e.to_step = s.step
    where e.workflow is null or s.position = firsts.position
    union
    select s.workflow, s.step, '$'
    from workflow_steps as s
    join ends on ends.workflow = s.workflow and ends.has_exit = 0
    left join workflow_edges as e on e.workflow = s.workflow and e.from_step = s.step
    where e.workflow is null
    union
    select p.workflow, s.step, p.to_step
    from workflow_paths as p
    join workflow_steps as s on s.workflow = p.workflow
),
judged as (
    select
        finished.workflow,
        finished.run_id,
        finished.started_at,
        min(case when declared.workflow is null then taken.from_step || ' → ' || taken.to_step end) as edge,
        sum(case when declared.workflow is null then 1 else 0 end) as off_map
    from taken
    join finished on finished.run_id = taken.run_id
    left join declared
        on declared.workflow = finished.workflow
        and declared.from_step = taken.from_step and declared.to_step = taken.to_step
    group by finished.workflow, finished.run_id, finished.started_at
)
select
    workflow,
    run_id,
    cast(null as varchar) as step_id,
    off_map > 0 as failed,
    cast(started_at as date) as observed_on,
    started_at as observed_at,
    coalesce(edge || ': not a declared transition', 'every transition is declared') as why,
    cast(off_map as double) as weight
from judged
