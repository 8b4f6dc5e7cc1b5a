-- title: Which step, tool, agent or model fails, and how often?
-- returns: workflow varchar, segment varchar, calls bigint, failed_calls bigint,
--   failure_rate double, lo double, hi double
-- about: $dimension is step, tool, agent or model. A tool call and its retries count once: a retry
--   follows a failure, so calls that failed for good are failures less retries. Agents are judged by
--   the calls they made. A run belongs to every tool it used: segments overlap.
with window_kind as (
    select case
        when date_trunc('day', $since::timestamp) = $since::timestamp
            and date_trunc('day', $until::timestamp) = $until::timestamp then 'day'
        else 'hour'
    end as grain
),
named as (
    select
        workflow,
        case $dimension::varchar when 'tool' then tool when 'agent' then agent when 'model' then model else step end
            as segment,
        case when kind = 'tool' and first_attempts > 0 then first_attempts else steps end as calls,
        case when kind = 'tool' and first_attempts > 0 then errors - (steps - first_attempts) else errors end
            as failed_calls
    from rollup_steps
    where grain = (select grain from window_kind)
        and (coalesce($dimension::varchar, 'step') <> 'agent' or kind in ('llm', 'tool', 'retrieval'))
        and period_at >= $since and period_at < $until
        and ($workflow is null or workflow in (select unnest($workflow::varchar[])))
        and ($stage is null or stage in (select unnest($stage::varchar[])))
),
totals as (
    select
        workflow,
        segment,
        cast(sum(calls) as bigint) as calls,
        cast(greatest(sum(failed_calls), 0) as bigint) as failed_calls
    from named
    where segment is not null
    group by workflow, segment
)
select
    workflow,
    segment,
    calls,
    failed_calls,
    failed_calls / cast(nullif(calls, 0) as double) as failure_rate,
    case when calls > 0 then greatest(0, (failed_calls + 1.920729410347062 - 1.959963984540054
    * sqrt(failed_calls * (calls - failed_calls) / cast(calls as double) + 0.960364705173531)) / (calls + 3.841458820694124)) end as lo,
    case when calls > 0 then least(1, (failed_calls + 1.920729410347062 + 1.959963984540054
    * sqrt(failed_calls * (calls - failed_calls) / cast(calls as double) + 0.960364705173531)) / (calls + 3.841458820694124)) end as hi
from totals
order by failure_rate desc nulls last, workflow, segment
