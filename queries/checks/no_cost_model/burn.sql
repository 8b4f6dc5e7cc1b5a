-- id: COST-4
-- title: Is money burning abnormally fast right now?
-- gate: no
-- estimator: burn
-- limits: 3 / 6 from 20
-- limit_kind: src
-- unit: runs
-- window: 2
-- needs: budgets by workflow
-- hint: Declare the workflow's monthly budget.
-- fix: Cap what a run may cost, and stop the loop: {evidence}.
-- owner: finance and engineering
-- uses: billable, run_costs, allowed
-- about: Spend over the pace the budget allows on such a weekday, in a long and a short window: 14.4 in an
--   hour and 5 minutes, 6 in six hours and 30 minutes, 3 in a day and two hours; both must exceed (Google
--   SRE workbook, chapter 5, without its three-day rule: a budget is meant to be spent). Fewer than 20
--   runs or less than 1 % of the monthly budget in the long window do not fire.
with priced as (select distinct run_id from billable where cost_usd is not null),
events as (
    select workflow, run_id, coalesce(started_at, run_started_at) as spent_at,
        coalesce(cost_usd, round(avg(cost_usd) over (partition by workflow), 9)) as usd
    from billable
    where run_id in (select run_id from priced)
    union all
    select workflow, run_id, started_at, assumed_usd
    from run_costs
    where run_id not in (select run_id from priced)
),
weekdays as (
    select workflow,
        case when min(period_at) <= date_trunc('day', $as_of::timestamp - interval 1 microsecond) - interval 28 day
            then round(greatest(0.25, 7 * sum(case when dayofweek(period_at)
                = dayofweek($as_of::timestamp - interval 1 microsecond) then cost_usd else 0 end)
                / nullif(sum(cost_usd), 0)), 9)
            else 1 end as factor
    from rollup_runs
    where grain = 'day' and period_at >= date_trunc('day', $as_of::timestamp - interval 1 microsecond) - interval 28 day
        and period_at < date_trunc('day', $as_of::timestamp - interval 1 microsecond)
    group by workflow
),
pairs as (
    select * from (values (60, 5, 14.4), (360, 30, 6), (1440, 120, 3)) as t (long_min, short_min, threshold)
),
windows as (
    select events.workflow, run_id, long_min, threshold, min(spent_at) as spent_at,
        round(sum(case when spent_at > $as_of::timestamp - to_minutes(long_min) then usd else 0 end), 9) as amount,
        round(sum(case when spent_at > $as_of::timestamp - to_minutes(short_min) then usd else 0 end), 9) as recent,
        any_value(budget_usd) as budget, any_value(unconverted) as unconverted,
        any_value(budget_usd / (days * 1440.0) * long_min * coalesce(factor, 1)) as allowed,
        any_value(budget_usd / (days * 1440.0) * short_min * coalesce(factor, 1)) as recent_allowed
    from events
    join allowed on allowed.workflow = events.workflow
    left join weekdays on weekdays.workflow = events.workflow
    cross join pairs
    where coalesce(budget_usd, 1) > 0
    group by events.workflow, run_id, long_min, threshold
),
paced as (
    select *,
        sum(amount) over of_pair as spent,
        round(sum(amount) over of_pair / allowed, 9) as pace,
        round(least(sum(amount) over of_pair / allowed, sum(recent) over of_pair / recent_allowed) / threshold, 9)
            as nearness
    from windows
    window of_pair as (partition by workflow, long_min)
),
ranked as (
    select *, nearness >= 1 and spent >= 0.01 * budget as fires,
        dense_rank() over (
            partition by workflow
            order by nearness >= 1 and spent >= 0.01 * budget desc, nearness >= 1 and threshold > 3 desc,
                nearness desc, long_min
        ) as place
    from paced
),
unknown as (select workflow, max(unknown_cost) as unknown_cost from run_costs group by workflow)
select
    ranked.workflow,
    run_id,
    cast(null as varchar) as step_id,
    fires and amount > 0 as failed,
    cast(spent_at as date) as observed_on,
    spent_at as observed_at,
    'in the last ' || cast(cast(long_min / 60 as bigint) as varchar) || ' h: $' || printf('%.2f', amount)
        || ' of $' || printf('%.2f', spent) || ', ' || printf('%.1f', pace)
        || ' times the pace of the budget' as why,
    amount as weight,
    amount,
    recent,
    allowed,
    recent_allowed,
    cast(threshold as double) as threshold,
    budget,
    coalesce(unconverted, unknown_cost) as unmeasured
from ranked
left join unknown on unknown.workflow = ranked.workflow
where place = 1
