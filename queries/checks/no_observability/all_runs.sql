-- id: OBS-2
-- title: Do we see all the runs there are?
-- gate: production
-- production_level: E3
-- estimator: matched
-- limits: 0.98 / 0.90
-- limit_kind: policy
-- good: high
-- unit: counted days
-- level: E3
-- needs: external_counts by workflow
-- hint: Load external_counts (workflow, counted_on, source, n): cases of the business system, or requests of the gateway.
-- fix: Find the path that is not instrumented, the sampling, or the runs traced twice: {evidence}.
-- owner: engineering
-- about: Traced over independently counted, on the worst complete UTC day and source: errors that
--   cancel over a month do not over a day. More than counted means duplicates or tests mixed in. A
--   source named gateway or provider counts model requests, any other counts runs. Traces do not
--   name API keys, so the counts of several keys are added up.
with counts as (
    select workflow, counted_on, source, cast(sum(n) as double) as total,
        lower(source) like '%gateway%' or lower(source) like '%provider%' as is_of_requests
    from external_counts
    where counted_on > cast($since as date) and counted_on < cast($as_of as date)
    group by workflow, counted_on, source
),
traced as (
    select workflow, cast(started_at as date) as day, false as of_requests, sum(1 / coalesce(nullif(sample_prob, 0), 1)) as amount
    from runs
    where started_at >= cast($since as date) and started_at < cast($as_of as date)
        and stage not in ('test', 'replay')
    group by workflow, day
    union all
    select steps.workflow, cast(coalesce(steps.started_at, steps.run_started_at) as date) as day, true,
        sum(1 / coalesce(nullif(runs.sample_prob, 0), 1))
    from steps
    join runs on runs.run_id = steps.run_id
    where steps.kind = 'llm' and steps.stage not in ('test', 'replay')
        and coalesce(steps.agent, '') <> 'user_simulator'
        and steps.run_started_at >= cast($since as date) and steps.run_started_at <= $as_of
    group by steps.workflow, day
),
days as (
    select counts.workflow, counted_on, source, total, coalesce(round(amount, 6), 0) as amount,
        abs(coalesce(round(amount, 6), 0) / greatest(total, 1) - 1) as gap
    from counts
    left join traced on traced.workflow = counts.workflow and traced.day = counts.counted_on
        and traced.of_requests = counts.is_of_requests
    where total > 0 or amount > 0
)
select
    workflow,
    cast(null as varchar) as run_id,
    cast(null as varchar) as step_id,
    gap > 1 - $limit_a + 1e-9 as failed,
    counted_on as observed_on,
    cast(counted_on as timestamp) as observed_at,
    source || ' on ' || cast(counted_on as varchar) || ': ' || cast(cast(round(amount) as bigint) as varchar)
        || ' traced, ' || cast(cast(total as bigint) as varchar) || ' counted' as why,
    gap as weight,
    amount,
    total
from days
