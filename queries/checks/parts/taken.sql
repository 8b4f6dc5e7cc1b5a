-- title: The transitions that finished runs of mapped workflows took between declared steps.
-- about: Needs finished. Repeats are collapsed. Steps that overlap in time have no order and make no
--   transition; a run that broke off makes none to the end.
with ordered as (
    select
        steps.run_id, steps.workflow, steps.step_id, steps.step, steps.started_at, steps.ended_at,
        row_number() over in_run as place,
        lag(steps.step) over in_run as previous,
        lag(steps.ended_at) over in_run as previous_ended_at,
        count(*) over (partition by steps.run_id) as places
    from steps
    join finished on finished.run_id = steps.run_id
    where steps.step is not null and steps.started_at is not null
        and steps.run_started_at > $since and steps.run_started_at <= $as_of
        and steps.workflow in (select workflow from workflow_edges)
    window in_run as (partition by steps.run_id order by steps.started_at, steps.seq, steps.step_id)
)
select run_id, workflow, step_id, '^' as from_step, step as to_step, started_at from ordered where place = 1
union all
select run_id, workflow, step_id, previous, step, started_at
from ordered
where previous <> step
    and (previous_ended_at is null or started_at >= previous_ended_at - interval 10 millisecond)
union all
select ordered.run_id, ordered.workflow, ordered.step_id, ordered.step, '$', ordered.ended_at
from ordered
join finished on finished.run_id = ordered.run_id
where ordered.place = ordered.places and finished.status in ('ok', 'unknown')
