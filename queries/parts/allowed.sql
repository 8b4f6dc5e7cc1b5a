-- title: The budget of every scope for the month of as_of, in US dollars; `workflow` where the scope is one.
-- about: Needs budgets_in_force. Weekly and daily budgets are brought to the month where no monthly one is set.
with month as (
    select cast(date_trunc('month', $as_of::timestamp - interval 1 microsecond) as date) as month_start
),
bounds as (
    select month_start, cast(month_start + interval 1 month - interval 1 day as date) as month_end from month
)
select
    scope_kind,
    scope,
    case scope_kind when 'workflow' then scope end as workflow,
    month_start,
    month_end,
    date_diff('day', month_start, month_end) + 1 as days,
    budget_usd * case period when 'month' then 1
        when 'week' then (date_diff('day', month_start, month_end) + 1) / 7.0
        else date_diff('day', month_start, month_end) + 1 end as budget_usd,
    unconverted
from budgets_in_force cross join bounds
qualify row_number() over (
    partition by scope_kind, scope
    order by case period when 'month' then 1 when 'week' then 2 else 3 end
) = 1
