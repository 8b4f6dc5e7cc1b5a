-- title: How did each day go?
-- returns: day date, runs bigint, known_runs bigint, successes bigint, success_rate double,
--   cost_usd double, cost_per_success_usd double, machine_p95_ms double
-- about: p95 of a day needs 20 runs: with fewer it would be the slowest run.
with totals as (
    select
        cast(period_at as date) as day,
        cast(sum(runs) as bigint) as runs,
        cast(sum(successes + partials + failures + abandoned) as bigint) as known_runs,
        cast(sum(successes) as bigint) as successes,
        sum(cost_usd) as cost_usd
    from rollup_runs
    where grain = 'day'
        and period_at >= $since and period_at < $until
        and ($workflow is null or workflow in (select unnest($workflow::varchar[])))
        and ($stage is null or stage in (select unnest($stage::varchar[])))
    group by cast(period_at as date)
),
buckets as (
    select day, bucket, sum(n) as n
    from rollup_runs_hist
    where day >= $since and day < $until
        and ($workflow is null or workflow in (select unnest($workflow::varchar[])))
        and ($stage is null or stage in (select unnest($stage::varchar[])))
    group by day, bucket
),
running as (
    select day, bucket,
        sum(n) over (partition by day order by bucket rows unbounded preceding) as upto,
        sum(n) over (partition by day) as total
    from buckets
),
cuts as (
    select day, min(case when upto >= 0.95 * total and total >= 20 then bucket end) as b95
    from running
    group by day
)
select
    totals.day,
    runs,
    known_runs,
    successes,
    successes / cast(nullif(known_runs, 0) as double) as success_rate,
    cost_usd,
    cost_usd / nullif(successes, 0) as cost_per_success_usd,
    case when b95 = -32768 then 0 else 2 * power(1.02, b95) / 2.02 end as machine_p95_ms
from totals
left join cuts on cuts.day = totals.day
order by totals.day
