-- title: Runs of the window that ended, or that nothing was heard of for a day.
select *
from runs
where started_at > $since and started_at <= $as_of and stage not in ('test', 'replay')
    and (ended_at is not null or started_at <= $as_of::timestamp - interval 24 hour
        or (time_source = 'load' and status <> 'running'))
