-- id: COST-5
-- title: What does a successful outcome cost?
-- gate: no
-- estimator: per_success
-- limits: 1 / 1.25 from 30
-- limit_kind: policy
-- unit: successes
-- needs: workflows by workflow
-- hint: Declare fixed_monthly_usd, review, and value_per_outcome or human_baseline.cost.
-- fix: Cut what is spent without an outcome first: {evidence}.
-- owner: finance and engineering
-- beside: success
-- uses: billable, run_costs, spent
-- about: All cost of complete days (failed and abandoned runs, retries, review by people, fixed cost by the
--   day) over successes, against the value of an outcome or what a person costs, whichever is less. Interval
--   by day. A looser definition of success lowers it: read it beside the success rate and its source.
with home as (
    select workflow, fixed_monthly_usd,
        (review->>'minutes')::double / 60 * (review->>'rate_usd')::double * (review->>'share')::double as review_usd,
        least(value_per_outcome_usd, (human_baseline->>'cost')::double) as target
    from workflows
),
judged as (
    select workflow, run_id, started_at, cast(started_at as date) as day, outcome, outcome_source, assumed_usd,
        unknown_cost
    from run_costs
    where started_at >= cast($since::timestamp + interval 1 day - interval 1 microsecond as date)
        and started_at < cast($as_of as date)
),
by_day as (
    select workflow, day, sum(assumed_usd) as run_usd, count(*) as runs from judged group by workflow, day
),
recorded as (
    select workflow, day, sum(cost_usd) as usd,
        max(max(case when category = 'infra' then 1 else 0 end)) over (partition by workflow) as has_fixed,
        max(max(case when category = 'human_review' then 1 else 0 end)) over (partition by workflow) as has_review
    from spent
    where coalesce(stage, '') not in ('test', 'replay')
        and day >= cast($since::timestamp + interval 1 day - interval 1 microsecond as date)
    group by workflow, day
),
dated as (
    select workflow, first_day + cast(unnest(range(date_diff('day', first_day, cast($as_of as date)))) as integer) as day
    from home
    cross join (select cast($since::timestamp + interval 1 day - interval 1 microsecond as date) as first_day) as span
),
rest as (
    select dated.workflow, dated.day,
        coalesce(recorded.usd - coalesce(run_usd, 0), 0) as beyond_usd,
        case when has_fixed = 1 then 0 else fixed_monthly_usd * 12 / 365 end as fixed_usd,
        case when has_review = 1 then 0 else review_usd * coalesce(runs, 0) end as review_usd
    from dated
    join home on home.workflow = dated.workflow
    left join recorded on recorded.workflow = dated.workflow and recorded.day = dated.day
    left join by_day on by_day.workflow = dated.workflow and by_day.day = dated.day
),
costs_and_successes as (
    select workflow, run_id, day, started_at as observed_at, assumed_usd as amount,
        cast(outcome = 'success' as double) as total,
        outcome || ' by ' || outcome_source as subject, unknown_cost, null as undeclared
    from judged
    union all
    select workflow, null, day, cast(day as timestamp), round(coalesce(beyond_usd + fixed_usd + review_usd, 0), 9), 0,
        'fixed cost, review and charges beyond the runs', null,
        case when fixed_usd is null then 'fixed_monthly_usd is not declared. Write 0 where nothing is fixed.'
            when review_usd is null then 'review is not declared. Write share: 0 where nobody reviews.' end
    from rest
    where workflow in (select workflow from judged)
)
select
    rows.workflow,
    run_id,
    cast(null as varchar) as step_id,
    total = 0 or amount > target as failed,
    day as observed_on,
    observed_at,
    subject || ': $' || printf('%.4f', amount) as why,
    amount as weight,
    amount,
    total,
    coalesce(target, 1) as target,
    coalesce(unknown_cost, undeclared, case when target is null then 'a success costs $'
        || coalesce(printf('%.2f', sum(amount) over of_workflow / nullif(sum(total) over of_workflow, 0)), '?')
        || ', but there is no target. Declare value_per_outcome or human_baseline.cost.' end) as unmeasured
from costs_and_successes as rows
join home on home.workflow = rows.workflow
window of_workflow as (partition by rows.workflow)
