-- id: COST-3
-- title: Will the month end within budget?
-- gate: pilot
-- production_gate: green
-- estimator: projection
-- limits: 1 / 1 from 14
-- limit_kind: policy
-- unit: days of spend
-- window: 31
-- needs: budgets by workflow
-- hint: Declare the workflow's monthly budget.
-- fix: Pull the three largest levers by dollar before the month is spent: {evidence}.
-- owner: finance and engineering
-- uses: billable, run_costs, counted, spent, restarts, budgets_in_force, allowed
-- about: Projected spend as a share of the monthly budget, 90 % interval. Spend of a workflow comes
--   from the best record that names workflows; test runs cost money too. The day of as_of counts once
--   it is complete. History starts anew at a change that moved the cost per run by more than 20 %,
--   told between its neighbouring changes by at least 30 runs on each side.
with daily as (
    select workflow, day, round(sum(cost_usd), 9) as cost_usd, max(max(unknown_cost)) over (partition by workflow) as unmeasured
    from spent
    group by workflow, day
),
judged as (
    select
        daily.workflow,
        daily.day,
        daily.cost_usd,
        coalesce(unconverted, daily.unmeasured) as unmeasured,
        budget_usd,
        budget_usd / allowed.days as day_usd,
        month_end,
        restarted_on, changed, moved,
        daily.day = min(case when daily.day >= restarted_on then daily.day end) over (partition by daily.workflow)
            as is_restart
    from daily
    join allowed on allowed.workflow = daily.workflow
    left join restarts on restarts.workflow = daily.workflow
    where coalesce(budget_usd, 1) > 0 and (daily.cost_usd is not null or daily.unmeasured is not null)
)
select
    workflow,
    cast(null as varchar) as run_id,
    cast(null as varchar) as step_id,
    cost_usd > day_usd or coalesce(is_restart, false) as failed,
    day as observed_on,
    cast(day as timestamp) as observed_at,
    cast(day as varchar) || ': $' || printf('%.2f', cost_usd) || ' spent, the budget allows $'
        || printf('%.2f', day_usd) || ' a day' || case
            when is_restart then '; ' || changed || ' moved the cost per run by '
                || cast(cast(round(100 * moved) as bigint) as varchar) || ' %, so the projection starts here'
            when day < restarted_on then '; before ' || changed || ', which changed the cost per run'
            else '' end as why,
    cost_usd as weight,
    cost_usd as amount,
    budget_usd as budget,
    restarted_on,
    cast($as_of::timestamp - interval 1 day as date) as last_day,
    month_end as ends_on,
    unmeasured
from judged
