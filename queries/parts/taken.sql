-- title: The transitions that finished runs of mapped workflows took between declared steps.
-- about: Needs finished. Repeats are collapsed. Steps that overlap in time have no order and make no
--   transition; steps without a time follow each other as recorded. A run that broke off makes none to
--   the end; one that ended well without a single step of the map went from the entry to the end.
with ordered as (
    select
        finished.run_id, finished.workflow, finished.status, finished.ended_at as run_ended_at,
        steps.step_id, steps.step, steps.started_at, steps.ended_at,
        row_number() over in_run as place,
        lag(steps.step) over in_run as previous,
        lag(steps.ended_at) over in_run as previous_ended_at,
        count(*) over (partition by finished.run_id) as places
    from finished
    left join steps
        on steps.run_id = finished.run_id and steps.step is not null
        and steps.run_started_at > $since and steps.run_started_at <= $as_of
    where finished.workflow in (select workflow from workflow_edges)
    window in_run as (partition by finished.run_id order by steps.started_at nulls last, steps.seq, steps.step_id)
)
select run_id, workflow, step_id, '^' as from_step, step as to_step, started_at
from ordered
where place = 1 and step is not null
union all
select run_id, workflow, step_id, previous, step, started_at
from ordered
where previous <> step
    and (previous_ended_at is null or started_at is null or started_at >= previous_ended_at - interval 10 millisecond)
union all
select run_id, workflow, step_id, coalesce(step, '^'), '$', coalesce(ended_at, run_ended_at)
from ordered
where place = places and status in ('ok', 'unknown')
