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
-- uses: billable, run_costs, budgets_in_force, allowed, burning
-- about: Spend over the pace the budget allows on such a weekday, in a long and a short window: 14.4 in an
--   hour and 5 minutes, 6 in six hours and 30 minutes, 3 in a day and two hours; both must exceed (Google
--   SRE workbook, chapter 5, without its three-day rule: a budget is meant to be spent). Fewer than 20
--   runs or less than 1 % of the monthly budget in the long window do not fire.
with paced as (
    select *,
        sum(amount) over of_pair as spent,
        round(sum(amount) over of_pair / allowed, 9) as pace,
        round(least(sum(amount) over of_pair / allowed, sum(recent) over of_pair / recent_allowed) / threshold, 9)
            as nearness
    from burning
    where scope_kind = 'workflow'
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
