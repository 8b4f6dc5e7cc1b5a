-- id: INT-5
-- title: Is there rate-limit headroom at target volume?
-- gate: production
-- estimator: peak
-- limits: 0.50 / 0.80 from 7
-- limit_kind: policy
-- unit: days of calls under a declared rate limit
-- needs: workflows by workflow, steps.tool (kind=tool), steps.started_at (kind=tool)
-- hint: Declare rate_limits (a tool or its system, calls a minute) and expected_monthly_volume.
-- fix: Queue calls, use the batch endpoint, or have the quota raised before launch: {evidence}.
-- owner: engineering
-- uses: attempts
-- about: Calls a minute in the busiest hundredth of the minutes that had any, times target volume over present
--   volume (28 days at the present rate), over the declared limit; the tool nearest its limit. Peaks of many
--   users grow less than their number, those of batch jobs more: where peak_factor is declared it stands
--   instead of the ratio of volumes. More than 1 % of calls refused for their rate, with the lower end of the
--   interval above 0.5 %, are red at any number. The days should hold a peak day: no field says which.
with volumes as (
    select workflow, count(*) * 28.0
        / least(28, date_diff('day', min(cast(started_at as date)), cast($as_of as date)) + 1) as runs
    from runs
    where started_at > $since and started_at <= $as_of and stage not in ('test', 'replay')
    group by workflow
),
targets as (
    select workflows.workflow, rate_limits,
        coalesce(
            peak_factor,
            case when expected_monthly_volume < volumes.runs then 1.0 else expected_monthly_volume / volumes.runs end
        ) as growth
    from workflows
    left join volumes on volumes.workflow = workflows.workflow
),
allowed as (
    select workflow, growth, entry.key as subject, cast(entry.value as double) as per_minute
    from targets, json_each(targets.rate_limits) as entry
    where growth is not null
),
made as (
    select
        allowed.workflow, subject, growth, per_minute, run_id,
        date_trunc('minute', started_at) as minute_at,
        case when error_class = 'rate_limit' or http_status = 429 then 1 else 0 end as refused
    from attempts
    join allowed
        on allowed.workflow = attempts.workflow and (
            attempts.tool = subject or attempts.system = subject or starts_with(attempts.tool, subject || '.')
            or (contains(subject, '*') and attempts.tool like replace(subject, '*', '%'))
        )
    where started_at is not null
),
refusals as (
    select workflow, subject, count(*) as n, avg(refused) as p, 3.841458820694124 as zz
    from made
    group by workflow, subject
),
throttled as (
    select *, p > 0.01 and (p + zz / (2 * n) - sqrt(zz * (p * (1 - p) / n + zz / (4 * n * n)))) / (1 + zz / n) > 0.005
        as is_throttled
    from refusals
),
busy as (
    select workflow, subject, growth, per_minute, minute_at, count(*) as calls, min(run_id) as run_id
    from made
    group by workflow, subject, growth, per_minute, minute_at
),
levels as (
    select workflow, subject, growth / per_minute as factor, cast(minute_at as date) as day, calls,
        count(*) as minutes, max(minute_at) as minute_at, min(run_id) as run_id
    from busy
    group by workflow, subject, growth / per_minute, cast(minute_at as date), calls
)
select
    levels.workflow,
    run_id,
    cast(null as varchar) as step_id,
    calls * factor > $limit_a as failed,
    day as observed_on,
    minute_at as observed_at,
    levels.subject || ': ' || cast(calls as varchar) || ' calls in a minute, '
        || cast(cast(round(100 * calls * factor) as bigint) as varchar) || ' % of its limit at target volume'
        || case when is_throttled then '; ' || cast(round(100 * p, 1) as varchar) || ' % of calls refused now'
            else '' end as why,
    calls * factor as weight,
    levels.subject as tool,
    cast(calls as double) as amount,
    cast(minutes as double) as minutes,
    factor,
    is_throttled as alarm,
    cast(null as varchar) as unmeasured
from levels
join throttled on throttled.workflow = levels.workflow and throttled.subject = levels.subject
union all
select workflow, null, null, false, cast($as_of as date), null, '', 0.0, '', 0.0, 0.0, 0.0, false,
    'needs ' || case when rate_limits is null then 'rate_limits' else 'expected_monthly_volume or peak_factor' end
        || ' in the file of the workflow.'
from targets
where rate_limits is null or growth is null
