-- title: By whose word is the outcome of runs known?
-- returns: workflow varchar, outcome_source varchar, runs bigint, successes bigint
-- about: Finished runs of the window but tests and replays; none is a run of unknown outcome. Success lies
--   between all successes, and these with the unknown, in all runs.
select workflow, outcome_source, count(*) as runs, count(*) filter (where outcome = 'success') as successes
from runs
where started_at >= $since and started_at < $until and stage not in ('test', 'replay')
    and (ended_at is not null or started_at <= $until::timestamp - interval 24 hour
        or (time_source = 'load' and status <> 'running'))
    and ($workflow is null or workflow in (select unnest($workflow::varchar[])))
group by workflow, outcome_source
order by workflow, runs desc, outcome_source
