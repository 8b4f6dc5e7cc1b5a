-- The transitions of the observed runs between the steps that `placed` gives their names to: repeats are one, steps
-- that overlap in time make none, and a run that broke off makes none to the end.
create or replace temp table observed_transitions as
with steps as (
    select s.run_id, s.step_id, s.seq, s.started_at, s.ended_at, p.step
    from observed_steps s
    join placed p on p.kind = s.kind and p.name = s.name
        and p.agent is not distinct from s.agent and p.decision is not distinct from s.decision
),
ordered as (
    select
        r.run_id, r.status, s.step, s.started_at,
        row_number() over in_run as place,
        lag(s.step) over in_run as previous,
        lag(s.ended_at) over in_run as previous_ended_at,
        count(*) over (partition by r.run_id) as places
    from observed_runs r left join steps s using (run_id)
    window in_run as (partition by r.run_id order by s.started_at nulls last, s.seq, s.step_id)
)
select run_id, '^' as from_step, step as to_step from ordered where place = 1 and step is not null
union all
select run_id, previous, step from ordered
where previous <> step and (previous_ended_at is null or started_at is null
    or started_at >= previous_ended_at - interval 10 millisecond)
union all
select run_id, coalesce(step, '^'), '$' from ordered
where place = places and status in ('ok', 'unknown');

create or replace temp table observed_edges as
with edges as (
    select from_step, to_step, count(distinct run_id) as runs
    from observed_transitions
    group by from_step, to_step
)
select *, 100 * runs < (select count(*) from observed_runs) as is_rare from edges;
