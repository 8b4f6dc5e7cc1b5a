-- id: GOV-8
-- title: Can it be stopped and rolled back, and has anyone tried?
-- gate: pilot
-- estimator: age
-- limits: 90 / 180
-- limit_kind: policy
-- unit: drills
-- level: E3
-- needs: drills
-- hint: Load drills (workflow, ran_at, kind stop or rollback, passed).
-- fix: Run the ten-minute drill on the stage the workflow is in: {evidence}.
-- owner: security
-- about: Days since the last stop drill and the last rollback drill that passed; the older counts.
with staged as (
    select workflow, stage, row_number() over (partition by workflow order by count(*) desc, stage) as place
    from runs
    where stage not in ('test', 'replay') and started_at <= $as_of
    group by workflow, stage
),
names as (select workflow from workflows union select workflow from staged),
duties as (
    select names.workflow, coalesce(declared.stage, staged.stage) as stage, kinds.kind
    from names
    left join workflows as declared on declared.workflow = names.workflow
    left join staged on staged.workflow = names.workflow and staged.place = 1
    cross join (select 'stop' as kind union all select 'rollback') as kinds
    where (select count(*) from drills) > 0
),
last_drills as (
    select duties.workflow, duties.kind, max(drills.ran_at) as ran_at
    from duties
    left join drills
        on drills.workflow = duties.workflow and drills.kind = duties.kind and drills.passed
        and drills.ran_at <= $as_of and (drills.stage is null or drills.stage = duties.stage)
    group by duties.workflow, duties.kind
)
select
    workflow,
    cast(null as varchar) as run_id,
    cast(null as varchar) as step_id,
    ran_at is null or date_diff('day', cast(ran_at as date), cast($as_of as date)) > $limit_a as failed,
    cast($as_of as date) as observed_on,
    ran_at as observed_at,
    kind || ' drill' || case
        when ran_at is null then ': never passed on this stage'
        else ': last passed ' || cast(date_diff('day', cast(ran_at as date), cast($as_of as date)) as varchar)
            || ' days ago'
    end as why,
    cast(coalesce(date_diff('day', cast(ran_at as date), cast($as_of as date)), 99999) as double) as weight,
    cast(date_diff('day', cast(ran_at as date), cast($as_of as date)) as double) as amount
from last_drills
