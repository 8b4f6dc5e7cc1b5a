-- title: How long did runs take, day by day?
-- returns: day date, n bigint, p50_ms double, p95_ms double
-- about: Machine time of runs, waits for people left out. p95 of a day needs 20 runs.
with buckets as (
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
    select
        day,
        cast(max(total) as bigint) as n,
        min(case when upto >= 0.5 * total then bucket end) as b50,
        min(case when upto >= 0.95 * total and total >= 20 then bucket end) as b95
    from running
    group by day
)
select day, n, case when b50 = -32768 then 0 else 2 * power(1.02, b50) / 2.02 end as p50_ms, case when b95 = -32768 then 0 else 2 * power(1.02, b95) / 2.02 end as p95_ms
from cuts
order by day
