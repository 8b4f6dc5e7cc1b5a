-- title: Which step makes the work slow?
-- returns: workflow varchar, step varchar, kind varchar, n bigint, p50_ms double, p90_ms double,
--   p95_ms double, p99_ms double, self_ms_total double, critical_share double, errors bigint
-- about: $by is step, tool, model or agent. Percentiles come from buckets 2 % wide; p95 needs 59
--   values, p99 needs 299. critical_share is the share of the workflow's critical path.
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
    select workflow, stage, step, kind, agent, tool, model, bucket, n
    from rollup_steps_hist cross join bounds
    where grain = 'day' and day >= $since and day < $until
        and (not is_long or day < first_week or day >= last_week)
    union all
    select workflow, stage, step, kind, agent, tool, model, bucket, n
    from rollup_steps_hist_week cross join bounds
    where grain = 'day' and is_long and week >= first_week and week < last_week
    union all
    select workflow, stage, coalesce(step, tool, name), kind, agent, tool, model,
        case when duration_ms > 0 then cast(ceil(ln(duration_ms) / ln(1.02)) as smallint) else -32768 end, 1
    from steps cross join bounds
    where grain = 'hour' and duration_ms is not null
        and run_started_at >= $since and run_started_at < $until
),
buckets as (
    select workflow, case coalesce($by::varchar, 'step') when 'tool' then tool when 'agent' then agent when 'model' then model else step end as segment, kind, bucket, sum(n) as n
    from hist
    where case coalesce($by::varchar, 'step') when 'tool' then kind = 'tool' when 'agent' then kind = 'agent'
            when 'model' then kind = 'llm' else true end
        and ($workflow is null or workflow in (select unnest($workflow::varchar[])))
        and ($stage is null or stage in (select unnest($stage::varchar[])))
    group by workflow, segment, kind, bucket
),
running as (
    select workflow, segment, kind, bucket,
        sum(n) over (partition by workflow, segment, kind order by bucket rows unbounded preceding) as upto,
        sum(n) over (partition by workflow, segment, kind) as total
    from buckets
    where segment is not null
),
cuts as (
    select
        workflow,
        segment,
        kind,
        cast(max(total) as bigint) as n,
        min(case when upto >= 0.5 * total then bucket end) as b50,
        min(case when upto >= 0.9 * total then bucket end) as b90,
        min(case when upto >= 0.95 * total and total >= 59 then bucket end) as b95,
        min(case when upto >= 0.99 * total and total >= 299 then bucket end) as b99
    from running
    group by workflow, segment, kind
),
counters as (
    select
        workflow,
        case coalesce($by::varchar, 'step') when 'tool' then tool when 'agent' then agent when 'model' then model else step end as segment,
        kind,
        sum(self_ms) as self_ms_total,
        sum(critical_ms) as critical_ms,
        cast(sum(errors) as bigint) as errors
    from rollup_steps
    where grain = (select grain from window_kind)
        and period_at >= $since and period_at < $until
        and case coalesce($by::varchar, 'step') when 'tool' then kind = 'tool' when 'agent' then kind = 'agent'
            when 'model' then kind = 'llm' else true end
        and ($workflow is null or workflow in (select unnest($workflow::varchar[])))
        and ($stage is null or stage in (select unnest($stage::varchar[])))
    group by workflow, segment, kind
),
paths as (
    select workflow, sum(critical_ms) as critical_ms
    from rollup_steps
    where grain = (select grain from window_kind)
        and period_at >= $since and period_at < $until
        and ($workflow is null or workflow in (select unnest($workflow::varchar[])))
        and ($stage is null or stage in (select unnest($stage::varchar[])))
    group by workflow
)
select
    cuts.workflow,
    cuts.segment as step,
    cuts.kind,
    cuts.n,
    case when b50 = -32768 then 0 else 2 * power(1.02, b50) / 2.02 end as p50_ms,
    case when b90 = -32768 then 0 else 2 * power(1.02, b90) / 2.02 end as p90_ms,
    case when b95 = -32768 then 0 else 2 * power(1.02, b95) / 2.02 end as p95_ms,
    case when b99 = -32768 then 0 else 2 * power(1.02, b99) / 2.02 end as p99_ms,
    self_ms_total,
    counters.critical_ms / nullif(paths.critical_ms, 0) as critical_share,
    coalesce(errors, 0) as errors
from cuts
left join counters
    on counters.workflow = cuts.workflow and counters.segment = cuts.segment and counters.kind = cuts.kind
left join paths on paths.workflow = cuts.workflow
order by counters.critical_ms desc nulls last, cuts.n desc, cuts.workflow, cuts.segment, cuts.kind
