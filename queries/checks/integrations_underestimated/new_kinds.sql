-- id: INT-8
-- title: Are we still discovering how these systems behave?
-- gate: no
-- estimator: species
-- limits: 0.05 / 0.15 from 20
-- limit_kind: policy
-- unit: failures
-- needs: steps.tool (kind=tool)
-- hint: Record the error type and the status code of failed tool calls.
-- fix: Extend the pilot at higher load before dates are promised: {evidence}.
-- owner: engineering
-- uses: attempts
-- about: The chance that the next failure is of a kind never seen: kinds seen once, of all failures (Good 1953).
--   A kind is tool, class and code, where there is no code the error with numbers, ids and quoted words left
--   out. A kind counts once for each call, however often it was tried. A failure that records nothing of its
--   kind is of one of its own; where more than one in five are such, nothing is measured.
with failures as (
    select
        *,
        error_class is not null and coalesce(cast(http_status as varchar), error_type, error_message) is not null
            as is_known,
        coalesce(
            cast(http_status as varchar),
            regexp_replace(
                substring(coalesce(error_type, error_message), 1, 80),
                '"[^"]*"|''[^'']*''|\b[0-9a-fA-F-]{8,}\b|[0-9]+', '#', 'g'
            )
        ) as code
    from attempts
    where failed
),
kinds as (
    select
        *,
        tool || case when is_known then ' ' || error_class || ' ' || code
            else ' error of no recorded kind, ' || step_id || ' of ' || run_id end as kind
    from failures
),
met as (
    select *
    from kinds
    qualify row_number() over (
        partition by run_id, tool, coalesce(input_hash, step_id), call, kind order by attempt, step_id
    ) = 1
),
counted as (
    select *, avg(case when is_known then 1.0 else 0.0 end) over (partition by workflow) as share,
        count(*) over (partition by workflow, kind) as times,
        min(run_started_at) over (partition by workflow, kind) as first_at
    from met
)
select
    workflow,
    run_id,
    step_id,
    times = 1 as failed,
    cast(run_started_at as date) as observed_on,
    coalesce(started_at, run_started_at) as observed_at,
    kind || ': seen ' || case when times = 1 then 'once, on ' else cast(times as varchar) || ' times since ' end
        || cast(cast(first_at as date) as varchar) as why,
    1.0 as weight,
    kind,
    case when share < 0.8 then 'needs class and code, type or message of failed calls; '
        || cast(cast(round(100 * share) as bigint) as varchar) || ' % have them.' end as unmeasured
from counted
