-- id: OBS-7
-- title: Do we know how repeatable it is?
-- gate: no
-- estimator: repeatable
-- limits: 0.05 / 0.15 from 10
-- limit_kind: policy
-- unit: tasks run four times
-- hint: Replay ten tasks four times each, write tools stubbed, with stage replay and task_key.
-- fix: Where flakiness is high, pin the order of calls, the temperature and the paging of tools; where it is low, the same tasks lack data or skill: {evidence}.
-- owner: engineering
-- about: Runs that repeat a task on purpose, replays too. What three passes in a row lose against one
--   (pass^1 less pass^3, mean over tasks run four times or more), of one version at a time. Agreement
--   is high for an agent that always fails, so it stands beside how often a run passes. Nothing is
--   measured where more than a fifth of the ends are unknown.
with repeated as (
    select workflow, run_id, started_at, outcome, task_key || coalesce(' on version ' || version, '') as task,
        cast(count(*) over same_task as double) as runs,
        cast(sum(case when outcome = 'success' then 1 else 0 end) over same_task as double) as passed
    from runs
    where task_key is not null and started_at > $since and started_at <= $as_of and stage <> 'test'
        and (ended_at is not null or status <> 'running')
    window same_task as (partition by workflow, task_key, version)
),
examined as (
    select *, avg(case when outcome = 'unknown' then 1 else 0 end) over (partition by workflow) as unknown_share
    from repeated
    where runs >= 4
),
agreed as (
    select workflow, avg(passed / runs) as pass,
        avg((passed * (passed - 1) + (runs - passed) * (runs - passed - 1)) / (runs * (runs - 1))) as agreement
    from (select distinct workflow, task, passed, runs from examined)
    group by workflow
),
places as (
    select examined.workflow, examined.task, examined.runs, steps.name,
        row_number() over (partition by steps.run_id order by steps.started_at, steps.seq, steps.step_id) as place
    from steps
    join examined on examined.run_id = steps.run_id
    where coalesce(steps.agent, '') <> 'user_simulator'
        and examined.passed > 0 and examined.passed < examined.runs
),
parted as (
    select workflow, task, min(place) as place
    from (
        select workflow, task, place
        from places
        group by workflow, task, place
        having count(distinct name) > 1 or count(*) < max(runs)
    )
    group by workflow, task
)
select
    examined.workflow,
    run_id,
    cast(null as varchar) as step_id,
    outcome <> 'success' as failed,
    cast(started_at as date) as observed_on,
    started_at as observed_at,
    examined.task || ': ' || cast(cast(passed as bigint) as varchar) || ' of ' || cast(cast(runs as bigint) as varchar)
        || ' runs passed' || coalesce(', they part at step ' || cast(parted.place as varchar), '')
        || '; of all tasks one run passes in ' || cast(cast(round(100 * pass) as bigint) as varchar)
        || '%, two agree in ' || cast(cast(round(100 * agreement) as bigint) as varchar) || '%' as why,
    greatest(0.01, passed * (runs - passed) / (runs * runs)) as weight,
    examined.task as task,
    outcome <> 'unknown' as known,
    case when unknown_share > 0.2 then 'more than a fifth of the repeated runs have no known outcome.' end as unmeasured
from examined
join agreed on agreed.workflow = examined.workflow
left join parted on parted.workflow = examined.workflow and parted.task = examined.task
