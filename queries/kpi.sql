-- title: How did the window go, in one row?
-- returns: runs bigint, known_runs bigint, successes bigint, failures bigint, success_rate double,
--   success_lo double, success_hi double, cost_usd double, cost_per_success_usd double,
--   machine_p50_ms double, machine_p95_ms double, dated_runs bigint, errors bigint,
--   costed_runs bigint
-- about: Runs of unknown outcome are left out of success_rate. Interval: Wilson, 95 %.
--   p95 needs 59 runs. Windows that do not start and end at midnight UTC count whole hours.
with window_kind as (
    select case
        when date_trunc('day', $since::timestamp) = $since::timestamp
            and date_trunc('day', $until::timestamp) = $until::timestamp then 'day'
        else 'hour'
    end as grain
),
totals as (
    select
        cast(coalesce(sum(runs), 0) as bigint) as runs,
        cast(coalesce(sum(successes + partials + failures + abandoned), 0) as bigint) as known_runs,
        cast(coalesce(sum(successes), 0) as bigint) as successes,
        cast(coalesce(sum(failures), 0) as bigint) as failures,
        sum(cost_usd) as cost_usd,
        cast(coalesce(sum(dated_runs), 0) as bigint) as dated_runs,
        cast(coalesce(sum(errors), 0) as bigint) as errors,
        cast(coalesce(sum(costed_runs), 0) as bigint) as costed_runs
    from rollup_runs
    where grain = (select grain from window_kind)
        and period_at >= $since and period_at < $until
        and ($workflow is null or workflow in (select unnest($workflow::varchar[])))
        and ($stage is null or stage in (select unnest($stage::varchar[])))
),
hist as (
    select bucket, n
    from rollup_runs_hist
    where (select grain from window_kind) = 'day'
        and day >= $since and day < $until
        and ($workflow is null or workflow in (select unnest($workflow::varchar[])))
        and ($stage is null or stage in (select unnest($stage::varchar[])))
    union all
    select case when machine_ms > 0 then cast(ceil(ln(machine_ms) / ln(1.02)) as smallint) else -32768 end, 1
    from runs
    where (select grain from window_kind) = 'hour'
        and machine_ms is not null and time_source <> 'load'
        and started_at >= $since and started_at < $until
        and ($workflow is null or workflow in (select unnest($workflow::varchar[])))
        and ($stage is null or stage in (select unnest($stage::varchar[])))
),
buckets as (select bucket, sum(n) as n from hist group by bucket),
running as (
    select bucket, sum(n) over (order by bucket rows unbounded preceding) as upto, sum(n) over () as total
    from buckets
),
cuts as (
    select
        min(case when upto >= 0.5 * total then bucket end) as b50,
        min(case when upto >= 0.95 * total and total >= 59 then bucket end) as b95
    from running
)
select
    runs,
    known_runs,
    successes,
    failures,
    successes / cast(nullif(known_runs, 0) as double) as success_rate,
    case when known_runs > 0 then greatest(0, (successes + 1.920729410347062 - 1.959963984540054
    * sqrt(successes * (known_runs - successes) / cast(known_runs as double) + 0.960364705173531)) / (known_runs + 3.841458820694124)) end as success_lo,
    case when known_runs > 0 then least(1, (successes + 1.920729410347062 + 1.959963984540054
    * sqrt(successes * (known_runs - successes) / cast(known_runs as double) + 0.960364705173531)) / (known_runs + 3.841458820694124)) end as success_hi,
    cost_usd,
    cost_usd / nullif(successes, 0) as cost_per_success_usd,
    case when b50 = -32768 then 0 else 2 * power(1.02, b50) / 2.02 end as machine_p50_ms,
    case when b95 = -32768 then 0 else 2 * power(1.02, b95) / 2.02 end as machine_p95_ms,
    dated_runs,
    errors,
    costed_runs
from totals cross join cuts
