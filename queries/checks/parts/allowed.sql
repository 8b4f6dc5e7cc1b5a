-- title: The budget of every workflow for the month of as_of, in US dollars.
-- about: Weekly and daily budgets are brought to the month. A budget in a currency without a rate is unknown,
--   as `unconverted` says.
with clock as (
    select
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
)
select
    scoped.workflow,
    month_start,
    month_end,
    date_diff('day', month_start, month_end) + 1 as days,
    cast(amount as double) * case when scoped.currency = 'USD' then 1 else usd_per_unit end
        * case period when 'month' then 1
            when 'week' then (date_diff('day', month_start, month_end) + 1) / 7.0
            else date_diff('day', month_start, month_end) + 1 end as budget_usd,
    case when scoped.currency <> 'USD' and usd_per_unit is null
        then 'the budget is in ' || scoped.currency || ', which has no rate. Load fx_rates.' end as unconverted
from scoped
cross join clock
left join rates on rates.currency = scoped.currency and rates.place = 1
where scoped.place = 1
