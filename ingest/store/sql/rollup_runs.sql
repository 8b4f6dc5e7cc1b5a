delete from rollup_runs
where (select flag from all_days)
    or (grain = 'day' and period_at::date in (select day from rollup_days))
    or (grain = 'hour' and (
        period_at::date in (select day from rollup_days)
        or period_at < (select max(started_at) from runs) - interval 31 days
    ));

insert into rollup_runs by name
with touched as (
    select unnest(['day', 'hour']) as grain, runs.*
    from runs
    where started_at::date in (select day from rollup_days)
)
select
    grain, date_trunc(grain, started_at)::timestamp as period_at,
    workflow, stage, environment, channel, version,
    count(*) as runs,
    count(*) filter (where time_source <> 'load') as dated_runs,
    count(*) filter (where outcome = 'success') as successes,
    count(*) filter (where outcome = 'partial') as partials,
    count(*) filter (where outcome = 'failure') as failures,
    count(*) filter (where outcome = 'abandoned') as abandoned,
    count(*) filter (where outcome = 'unknown') as unknowns,
    count(*) filter (where status in ('error', 'timeout')) as errors,
    count(*) filter (where status = 'running') as running,
    count(*) filter (where recovered) as recovered,
    count(cost_usd) as costed_runs,
    sum(cost_usd order by cost_usd) filter (where outcome = 'success') as success_cost_usd,
    sum(cost_usd order by cost_usd) as cost_usd,
    sum(input_tokens)::bigint as input_tokens,
    sum(output_tokens)::bigint as output_tokens,
    sum(cache_read_tokens)::bigint as cache_read_tokens,
    sum(cache_write_tokens)::bigint as cache_write_tokens,
    sum(reasoning_tokens)::bigint as reasoning_tokens
from touched
where grain = 'day' or started_at >= (select max(started_at) from runs) - interval 31 days
group by all
order by grain, period_at, workflow;

delete from rollup_runs_hist
where (select flag from all_days) or day in (select day from rollup_days);

insert into rollup_runs_hist by name
select
    started_at::date as day, workflow, stage, environment, channel, version,
    (case when machine_ms <= 0 then -32768 else ceil(ln(machine_ms) / ln(1.02)) end)::smallint as bucket,
    count(*) as n
from runs
where machine_ms is not null and time_source <> 'load'
    and started_at::date in (select day from rollup_days)
group by all
order by day, workflow, bucket;
