-- title: What is this month's budget, and how much of it is spent?
-- returns: scope_kind varchar, scope varchar, budget_usd double, month_start date, month_end date,
--   as_of_day date, spent_usd double
-- about: $workflow names one workflow; without it the programme. The month is that of as_of; the
--   day of as_of may be incomplete. Weekly and daily budgets are brought to the month.
with clock as (
    select cast(max(as_of) - interval 1 microsecond as date) as as_of_day from store_state
),
months as (
    select
        as_of_day,
        cast(date_trunc('month', as_of_day) as date) as month_start,
        cast(date_trunc('month', as_of_day) + interval 1 month - interval 1 day as date) as month_end
    from clock
),
best as (
    select day, provider, min(rank) as rank
    from rollup_costs
    where cost_usd is not null
    group by day, provider
),
shared as (
    select day, provider, min(rank) as rank
    from rollup_costs
    where workflow is not null and cost_usd is not null
    group by day, provider
),
spent as (
    select costs.day, costs.cost_usd
    from rollup_costs as costs
    join best on best.day = costs.day and best.provider = costs.provider and best.rank = costs.rank
    where $workflow is null
    union all
    select costs.day, costs.cost_usd
    from rollup_costs as costs
    join shared on shared.day = costs.day and shared.provider = costs.provider and shared.rank = costs.rank
    where costs.workflow = $workflow
),
rates as (
    select currency, usd_per_unit, row_number() over (partition by currency order by valid_from desc) as place
    from fx_rates cross join months
    where valid_from <= as_of_day
),
scoped as (
    select scope_kind, scope, period, amount, currency,
        row_number() over (partition by scope_kind, scope order by valid_from desc nulls last, period) as place
    from budgets cross join months
    where (valid_from is null or valid_from <= month_end)
        and (($workflow is null and scope_kind = 'program') or (scope_kind = 'workflow' and scope = $workflow))
),
allowed as (
    select sum(cast(amount as double) * case when scoped.currency = 'USD' then 1 else usd_per_unit end
        * case period when 'month' then 1
            when 'week' then (date_diff('day', month_start, month_end) + 1) / 7.0
            else date_diff('day', month_start, month_end) + 1 end) as budget_usd
    from scoped
    cross join months
    left join rates on rates.currency = scoped.currency and rates.place = 1
    where scoped.place = 1
)
select
    case when $workflow is null then 'program' else 'workflow' end as scope_kind,
    coalesce($workflow::varchar, 'program') as scope,
    (select budget_usd from allowed) as budget_usd,
    month_start,
    month_end,
    as_of_day,
    (select sum(cost_usd) from spent where day >= month_start and day <= as_of_day) as spent_usd
from months
