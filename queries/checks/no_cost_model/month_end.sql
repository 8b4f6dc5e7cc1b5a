-- id: COST-3
-- title: Will the month end within budget?
-- gate: pilot
-- estimator: projection
-- limits: 1 / 1 from 14
-- limit_kind: policy
-- unit: days
-- needs: budgets by workflow
-- hint: Declare the workflow's monthly budget.
-- fix: Pull the three largest levers by dollar before the month is spent: {evidence}.
-- owner: finance and engineering
-- about: Projected spend as a share of the monthly budget, 90 % interval. Spend of a workflow comes
--   from the best record that names workflows. The day of as_of counts once it is complete.
with clock as (
    select
        cast($as_of::timestamp - interval 1 day as date) as last_day,
        cast(date_trunc('month', $as_of::timestamp - interval 1 microsecond) as date) as month_start,
        cast(date_trunc('month', $as_of::timestamp - interval 1 microsecond) + interval 1 month
            - interval 1 day as date) as month_end
),
rates as (
    select currency, usd_per_unit, row_number() over (partition by currency order by valid_from desc) as place
    from fx_rates
    where valid_from <= cast($as_of as date)
),
scoped as (
    select scope as workflow, period, amount, currency,
        row_number() over (partition by scope order by valid_from desc nulls last, period) as place
    from budgets cross join clock
    where scope_kind = 'workflow' and (valid_from is null or valid_from <= month_end)
),
allowed as (
    select
        scoped.workflow,
        cast(amount as double) * case when scoped.currency = 'USD' then 1 else usd_per_unit end
            * case period when 'month' then 1
                when 'week' then (date_diff('day', month_start, month_end) + 1) / 7.0
                else date_diff('day', month_start, month_end) + 1 end as budget
    from scoped
    cross join clock
    left join rates on rates.currency = scoped.currency and rates.place = 1
    where scoped.place = 1
),
shared as (
    select day, provider, min(rank) as rank
    from rollup_costs
    where workflow is not null and cost_usd is not null
    group by day, provider
),
spent as (
    select costs.workflow, costs.day, sum(costs.cost_usd) as cost_usd
    from rollup_costs as costs
    join shared on shared.day = costs.day and shared.provider = costs.provider and shared.rank = costs.rank
    join clock on costs.day <= clock.last_day
        and costs.day > least(clock.month_start, clock.last_day - 28) - interval 1 day
    where costs.workflow is not null
    group by costs.workflow, costs.day
)
select
    spent.workflow,
    cast(null as varchar) as run_id,
    cast(null as varchar) as step_id,
    spent.cost_usd > allowed.budget / (date_diff('day', month_start, month_end) + 1) as failed,
    spent.day as observed_on,
    cast(spent.day as timestamp) as observed_at,
    cast(spent.day as varchar) || ': $' || cast(round(spent.cost_usd, 2) as varchar) || ' spent, the budget allows $'
        || cast(round(allowed.budget / (date_diff('day', month_start, month_end) + 1), 2) as varchar)
        || ' a day' as why,
    spent.cost_usd as weight,
    spent.cost_usd as amount,
    allowed.budget as budget,
    last_day,
    month_end as ends_on
from spent
join allowed on allowed.workflow = spent.workflow
cross join clock
where allowed.budget > 0
