-- title: Which runs of the workflow came just before and just after?
-- returns: previous_run_id varchar, next_run_id varchar
with this as (select workflow, started_at, run_id from runs where run_id = $run_id),
around as (
    select
        runs.run_id,
        lag(runs.run_id) over (order by runs.started_at, runs.run_id) as previous_run_id,
        lead(runs.run_id) over (order by runs.started_at, runs.run_id) as next_run_id
    from runs
    join this on this.workflow = runs.workflow
    where runs.started_at >= this.started_at - interval 30 day
        and runs.started_at <= this.started_at + interval 30 day
)
select previous_run_id, next_run_id
from around
where run_id = $run_id
