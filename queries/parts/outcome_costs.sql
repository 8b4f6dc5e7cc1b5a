-- title: What every run, and every day beyond its runs, cost, and which of it were successes.
-- about: Needs run_costs and spent. One row a run of the complete days since $since, with its cost (assumed where
--   unknown) and 1 for a success; and one a day for fixed cost, review and charges beyond the runs, `undeclared`
--   where the declaration does not tell them and no record does.
with home as (
    select workflow, fixed_monthly_usd,
        (review->>'minutes')::double / 60 * (review->>'rate_usd')::double * (review->>'share')::double as review_usd
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
)
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
