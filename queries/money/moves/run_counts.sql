-- title: How many runs did each workflow have in this window, and in the one of the same length before?
-- returns: workflow varchar, before bigint, after bigint
-- about: Runs by the day they began, without tests and replays.
with bounds as (select $since::timestamp as since, $until::timestamp as until)
select
    workflow,
    cast(coalesce(sum(runs) filter (where period_at < since), 0) as bigint) as before,
    cast(coalesce(sum(runs) filter (where period_at >= since), 0) as bigint) as after
from rollup_runs cross join bounds
where grain = 'day' and stage not in ('test', 'replay')
    and period_at >= since - (until - since) and period_at < until
    and ($workflow is null or workflow in (select unnest($workflow::varchar[])))
group by workflow
order by workflow
