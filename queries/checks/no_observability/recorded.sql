-- id: OBS-3
-- title: Is what an engineer needs recorded on each step?
-- gate: pilot
-- estimator: weakest
-- limits: 0.98 / 0.90 from 100
-- limit_kind: policy
-- good: high
-- unit: steps that need the weakest field
-- fix: Record what is missing: {evidence}. Message bodies are opt-in in OpenTelemetry, so a missing input or output is its normal state: switch message capture on (OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=true) or send references.
-- owner: engineering
-- uses: decisions
-- about: The field that fewest steps have, not the mean. Model calls: model, tokens, duration, input,
--   output, finish reason. Tool calls: input, output, status, duration. Decisions: value and reason. A
--   call that failed owes no output, tokens or finish reason. A span that ended without an error has a
--   status: OpenTelemetry leaves it unset.
with spans as (
    select
        workflow, run_id, step_id, agent, started_at, run_started_at,
        kind as of_kind,
        status <> 'unset' or ended_at is not null as status,
        duration_ms is not null as duration,
        has_input as input,
        case when status <> 'error' then has_output end as output,
        case when kind = 'llm' then model is not null end as model,
        case when kind = 'llm' and status <> 'error' then input_tokens is not null end as input_tokens,
        case when kind = 'llm' and status <> 'error' then output_tokens is not null end as output_tokens,
        case when kind = 'llm' and status <> 'error' then finish_reason is not null end as finish_reason,
        cast(null as boolean) as decision_value,
        cast(null as boolean) as reason
    from steps
    where kind in ('llm', 'tool') and run_started_at > $since and run_started_at <= $as_of
        and stage not in ('test', 'replay') and coalesce(agent, '') <> 'user_simulator'
    union all
    select
        workflow, run_id, step_id, agent, started_at, run_started_at, 'decision',
        null, null, null, null, null, null, null, null,
        decision_value is not null, has_rationale
    from decisions
),
fields as (
    select workflow, run_id, step_id, agent, started_at, run_started_at, of_kind, field, is_filled
    from spans
    unpivot (is_filled for field in (
        status, duration, input, output, model, input_tokens, output_tokens, finish_reason, decision_value, reason
    ))
    where field <> 'status' or of_kind = 'tool'
),
days as (
    select workflow, of_kind || ' ' || replace(field, '_', ' ') as subject, cast(run_started_at as date) as day,
        cast(sum(case when is_filled then 1 else 0 end) as double) as filled, cast(count(*) as double) as counted
    from fields
    group by workflow, of_kind, field, day
),
lacking as (
    select *, of_kind || ' ' || replace(field, '_', ' ') as subject
    from fields
    where not is_filled
    qualify row_number() over (
        partition by workflow, of_kind, field order by run_started_at desc, run_id, step_id
    ) <= 5
)
select
    workflow,
    cast(null as varchar) as run_id,
    cast(null as varchar) as step_id,
    filled < $limit_a * counted as failed,
    day as observed_on,
    cast(day as timestamp) as observed_at,
    subject || ': on ' || cast(cast(filled as bigint) as varchar) || ' of ' || cast(cast(counted as bigint) as varchar)
        || ' steps of ' || cast(day as varchar) as why,
    1 - filled / counted as weight,
    subject,
    filled,
    counted
from days
union all
select
    workflow,
    run_id,
    step_id,
    true,
    cast(run_started_at as date),
    coalesce(started_at, run_started_at),
    subject || ': not recorded' || coalesce(' by agent ' || agent, ''),
    2.0,
    subject,
    0,
    0
from lacking
