-- title: What is declared about each workflow's volume, fixed cost, review and budget, and what of its calls fails?
-- returns: workflow varchar, first_on date, volume double, fixed_usd double, review_minutes double,
--   review_rate_usd double, review_share double, budget_usd double, unconverted varchar, calls bigint,
--   failed_calls bigint
-- uses: budgets_in_force, allowed
-- about: Workflows with runs up to $as_of; null is not declared. The budget is that of the month. Calls of models,
--   tools and searches since $since, those that failed by status or in their answer among them.
with begun as (
    select workflow, cast(min(period_at) as date) as first_on
    from rollup_runs
    where grain = 'day' and stage not in ('test', 'replay') and period_at <= $as_of
    group by workflow
),
called as (
    select workflow, cast(sum(steps) as bigint) as calls, cast(sum(errors) as bigint) as failed_calls
    from rollup_steps
    where grain = 'day' and kind in ('llm', 'tool', 'retrieval') and stage not in ('test', 'replay')
        and agent is distinct from 'user_simulator' and period_at >= $since and period_at <= $as_of
    group by workflow
)
select begun.workflow, first_on, expected_monthly_volume as volume, fixed_monthly_usd as fixed_usd,
    (review->>'minutes')::double as review_minutes, (review->>'rate_usd')::double as review_rate_usd,
    (review->>'share')::double as review_share, budget_usd, unconverted, calls, failed_calls
from begun
left join workflows on workflows.workflow = begun.workflow
left join allowed on allowed.workflow = begun.workflow
left join called on called.workflow = begun.workflow
where $workflow is null or begun.workflow in (select unnest($workflow::varchar[]))
order by begun.workflow
