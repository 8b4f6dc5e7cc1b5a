-- title: The budget of every scope that holds at as_of, for its month, week or day, in US dollars.
-- about: The newest budget of a scope and period that has begun. Where a scope has budgets of several periods,
--   each stands by itself. A budget in a currency without a rate is unknown, as `unconverted` says.
with clock as (select cast($as_of::timestamp - interval 1 microsecond as date) as today),
rates as (
    select currency, usd_per_unit, row_number() over (partition by currency order by valid_from desc) as place
    from fx_rates
    where valid_from <= cast($as_of as date)
),
periods as (
    select 'month' as period, cast(date_trunc('month', today) as date) as period_start,
        cast(date_trunc('month', today) + interval 1 month - interval 1 day as date) as period_end
    from clock
    union all
    select 'week', cast(date_trunc('week', today) as date), cast(date_trunc('week', today) + interval 6 day as date)
    from clock
    union all
    select 'day', today, today from clock
)
select
    scope_kind, scope, budgets.period, period_start, period_end, amount, budgets.currency,
    cast(amount as double) * case when budgets.currency = 'USD' then 1 else usd_per_unit end as budget_usd,
    case when budgets.currency <> 'USD' and usd_per_unit is null
        then 'the budget is in ' || budgets.currency || ', which has no rate. Load fx_rates.' end as unconverted
from budgets
join periods on periods.period = budgets.period
left join rates on rates.currency = budgets.currency and rates.place = 1
where valid_from is null or valid_from <= period_end
qualify row_number() over (partition by scope_kind, scope, budgets.period order by valid_from desc nulls last) = 1
