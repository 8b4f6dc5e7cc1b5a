-- id: GOV-8
-- title: Can it be stopped and rolled back, and has anyone tried?
-- gate: pilot
-- limited_gate: green
-- estimator: age
-- limits: 90 / 180
-- limit_kind: policy
-- unit: drills
-- level: E3
-- production_level: E3
-- needs: drills
-- hint: Load drills (workflow, stage, ran_at, ended_at, kind stop or rollback, passed).
-- fix: Run the ten-minute drill on the stage the workflow is in: {evidence}.
-- owner: security
-- about: Days since the last stop drill and the last rollback drill that passed; the older counts. A drill on
--   another stage, or on one that nobody wrote down, is none. Traces bear a stop out when runs ended within
--   it and none went on beyond its end.
with staged as (
    select workflow, stage, row_number() over (partition by workflow order by count(*) desc, stage) as place
    from runs
    where stage not in ('test', 'replay') and started_at <= $as_of
    group by workflow, stage
),
names as (select workflow from workflows union select workflow from staged),
duties as (
    select names.workflow, coalesce(declared.stage, staged.stage, 'pilot') as stage, kinds.kind
    from names
    left join workflows as declared on declared.workflow = names.workflow
    left join staged on staged.workflow = names.workflow and staged.place = 1
    cross join (select 'stop' as kind union all select 'rollback') as kinds
    where (select count(*) from drills) > 0
),
last_drills as (
    select duties.workflow, duties.stage, duties.kind, drills.ran_at, drills.ended_at,
        date_diff('day', cast(drills.ran_at as date), cast($as_of as date)) as days_ago
    from duties
    left join drills
        on drills.workflow = duties.workflow and drills.kind = duties.kind and drills.stage = duties.stage
        and drills.passed and drills.ran_at <= $as_of
    qualify row_number() over (
        partition by duties.workflow, duties.kind order by drills.ran_at desc nulls last, drills.drill_id
    ) = 1
),
stopped as (
    select
        last_drills.workflow,
        bool_or(runs.ended_at between last_drills.ran_at and last_drills.ended_at)
            and not bool_or(coalesce(runs.ended_at, $as_of::timestamp) > last_drills.ended_at) as is_seen
    from last_drills
    join runs
        on runs.workflow = last_drills.workflow and runs.stage = last_drills.stage
        and runs.started_at < last_drills.ended_at
        and coalesce(runs.ended_at, $as_of::timestamp) >= last_drills.ran_at
    where last_drills.kind = 'stop'
    group by last_drills.workflow
)
select
    last_drills.workflow,
    cast(null as varchar) as run_id,
    cast(null as varchar) as step_id,
    ran_at is null or days_ago > $limit_a as failed,
    cast($as_of as date) as observed_on,
    ran_at as observed_at,
    kind || ' drill' || case
        when ran_at is null then ': never passed on stage ' || stage
        else ': last passed ' || cast(days_ago as varchar) || ' days ago'
            || coalesce(', in ' || cast(date_diff('minute', ran_at, ended_at) as varchar) || ' minutes', '')
            || case when kind <> 'stop' then '' when coalesce(is_seen, false) then ', and runs ended within it'
                else ', but no trace shows it' end
    end as why,
    cast(coalesce(days_ago, 99999) as double) as weight,
    cast(days_ago as double) as amount,
    kind <> 'stop' or coalesce(is_seen, false) as borne_out
from last_drills
left join stopped on stopped.workflow = last_drills.workflow
