-- title: Why do runs fail?
-- returns: workflow varchar, reason varchar, runs bigint, share double
-- about: Failed and abandoned runs by error class, else by how they ended. The share is of the
--   workflow's failed and abandoned runs.
with failed as (
    select
        workflow,
        coalesce(error_class, termination_reason, case when outcome = 'abandoned' then 'abandoned' end,
            'not recorded') as reason
    from runs
    where outcome in ('failure', 'abandoned')
        and started_at >= $since and started_at < $until
        and ($workflow is null or workflow in (select unnest($workflow::varchar[])))
        and ($stage is null or stage in (select unnest($stage::varchar[])))
),
counted as (select workflow, reason, count(*) as runs from failed group by workflow, reason)
select workflow, reason, runs, runs / cast(sum(runs) over (partition by workflow) as double) as share
from counted
order by runs desc, workflow, reason
