-- id: INT-4
-- title: Are retries safe and polite?
-- gate: pilot
-- limited_gate: no alarm
-- production_gate: no alarm
-- estimator: share
-- limits: 0.05 / 0.20 from 20
-- limit_kind: policy
-- unit: retries
-- needs: steps.tool (kind=tool), steps.input_hash (kind=tool), steps.attempt (kind=tool),
--   steps.side_effect (kind=tool), steps.ended_at (kind=tool)
-- hint: Record the input of tool calls or its hash, and declare under allowed_tools which tools write.
-- fix: Retry only what can succeed, wait as told, and send writes with one key, such as case and step: {evidence}.
-- owner: engineering
-- uses: attempts
-- about: A retry is bad after an error that will not go away, before the time the server asked for, after no
--   longer a wait than the one before, or on a write whose key is missing or new. What is unknown counts
--   against it: an error of no recorded class, a tool that may write, a wait that was not measured. Where a
--   rate limit named no time, less than a second is too soon. The same write done twice in a run with the
--   same input is red at any number, unless both carried one idempotency key. Retries inside a client
--   library are not seen: compare its provider's request counts.
with followed as (
    select
        *,
        lag(error_class) over per_call as class_before,
        lag(http_status) over per_call as status_before,
        lag(retry_after_ms) over per_call as asked_ms,
        lag(idempotency_key) over per_call as key_before,
        date_diff('millisecond', lag(ended_at) over per_call, started_at) as waited_ms
    from attempts
    window per_call as (partition by run_id, tool, input_hash, call order by attempt, started_at, seq, step_id)
),
spaced as (
    select
        *,
        lag(waited_ms) over (
            partition by run_id, tool, input_hash, call order by attempt, started_at, seq, step_id
        ) as waited_before_ms,
        coalesce(class_before, '') in ('rate_limit', 'timeout', 'server') as may_pass,
        class_before = 'rate_limit' or status_before = 429 as was_limited
    from followed
),
faulted as (
    select
        *,
        case
            when class_before in ('auth', 'schema', 'not_found')
                or (status_before between 400 and 499 and status_before not in (408, 409, 425, 429) and not may_pass)
                then 'retried after ' || coalesce(class_before, cast(status_before as varchar))
                    || ', which waiting does not mend'
            when class_before is null and status_before is null then 'retried after an error of no recorded class'
        end as hopeless,
        case
            when asked_ms is not null and coalesce(waited_ms, 0) < asked_ms then 'retried before the time asked for'
            when asked_ms is null and was_limited and coalesce(waited_ms, 0) < 1000
                then 'retried at once after a rate limit'
            when asked_ms is null and coalesce(waited_ms, 0) <= waited_before_ms then 'retried without a growing delay'
        end as hasty,
        case
            when coalesce(side_effect, 'write') not in ('write', 'external') then null
            when idempotency_key is null then 'a write retried without an idempotency key'
            when idempotency_key is distinct from key_before then 'a write retried under another idempotency key'
        end as unsafe
    from spaced
    where attempt > 1
),
written as (
    select
        *,
        row_number() over per_effect as place,
        lag(idempotency_key) over per_effect as key_before
    from attempts
    where side_effect in ('write', 'external') and input_hash is not null and coalesce(is_executed, true)
        and not failed and coalesce(error_class, '') <> 'business'
    window per_effect as (
        partition by run_id, tool, resource_key, input_hash order by started_at, seq, step_id
    )
),
doubled as (
    select *, place > 1 and (idempotency_key is null or idempotency_key is distinct from key_before) as is_double,
        row_number() over (partition by workflow order by run_started_at desc, run_id, step_id) as newest,
        count(*) over (partition by workflow) as writes
    from written
)
select
    workflow,
    run_id,
    step_id,
    coalesce(hopeless, hasty, unsafe) is not null as failed,
    cast(run_started_at as date) as observed_on,
    started_at as observed_at,
    tool || ': ' || coalesce(hopeless, hasty, unsafe, 'retried as it should be') || coalesce(
        ', ' || cast(waited_ms as varchar) || ' ms after'
            || coalesce(' being told ' || cast(cast(asked_ms as bigint) as varchar), ''), ''
    ) as why,
    case when hopeless is null then 0.0 else 2.0 end + case when hasty is null then 0.0 else 1.0 end
        + case when unsafe is null then 0.0 else 3.0 end as weight,
    false as alarm,
    true as counted
from faulted
union all
select workflow, run_id, step_id, is_double, cast(run_started_at as date), started_at,
    tool || case when is_double then ': the same write done twice with the same input'
        else ': one of ' || cast(writes as varchar) || ' writes' end,
    10.0, is_double, false
from doubled
where is_double or newest = 1
