-- title: How is the time spread?
-- returns: bucket_ms double, n bigint, cumulative_share double
-- about: $step names a step; without it the machine time of whole runs. Buckets are 2 % wide.
with window_kind as (
    select case
        when date_trunc('day', $since::timestamp) = $since::timestamp
            and date_trunc('day', $until::timestamp) = $until::timestamp then 'day'
        else 'hour'
    end as grain
),
bounds as (
    select
        grain,
        $until::timestamp - $since::timestamp > interval 31 day as is_long,
        date_trunc('week', $since::timestamp + interval 6 day) as first_week,
        date_trunc('week', $until::timestamp) as last_week
    from window_kind
),
hist as (
    select bucket, n
    from rollup_runs_hist cross join bounds
    where $step is null and grain = 'day' and day >= $since and day < $until
        and ($workflow is null or workflow in (select unnest($workflow::varchar[])))
        and ($stage is null or stage in (select unnest($stage::varchar[])))
    union all
    select case when machine_ms > 0 then cast(ceil(ln(machine_ms) / ln(1.02)) as smallint) else -32768 end, 1
    from runs cross join bounds
    where $step is null and grain = 'hour' and machine_ms is not null and time_source <> 'load'
        and started_at >= $since and started_at < $until
        and ($workflow is null or workflow in (select unnest($workflow::varchar[])))
        and ($stage is null or stage in (select unnest($stage::varchar[])))
    union all
    select bucket, n
    from rollup_steps_hist cross join bounds
    where step = $step and grain = 'day' and day >= $since and day < $until
        and (not is_long or day < first_week or day >= last_week)
        and ($workflow is null or workflow in (select unnest($workflow::varchar[])))
        and ($stage is null or stage in (select unnest($stage::varchar[])))
    union all
    select bucket, n
    from rollup_steps_hist_week cross join bounds
    where step = $step and grain = 'day' and is_long and week >= first_week and week < last_week
        and ($workflow is null or workflow in (select unnest($workflow::varchar[])))
        and ($stage is null or stage in (select unnest($stage::varchar[])))
    union all
    select case when duration_ms > 0 then cast(ceil(ln(duration_ms) / ln(1.02)) as smallint) else -32768 end, 1
    from steps cross join bounds
    where coalesce(step, tool, name) = $step and grain = 'hour' and duration_ms is not null
        and run_started_at >= $since and run_started_at < $until
        and ($workflow is null or workflow in (select unnest($workflow::varchar[])))
        and ($stage is null or stage in (select unnest($stage::varchar[])))
),
buckets as (select bucket, sum(n) as n from hist group by bucket)
select
    case when bucket = -32768 then 0 else 2 * power(1.02, bucket) / 2.02 end as bucket_ms,
    cast(n as bigint) as n,
    sum(n) over (order by bucket rows unbounded preceding) / cast(sum(n) over () as double) as cumulative_share
from buckets
order by bucket
