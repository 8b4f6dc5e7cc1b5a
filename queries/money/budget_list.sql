-- title: Which budgets are there, and what do they allow in the period of the newest data?
-- returns: scope_kind varchar, scope varchar, period varchar, period_start date, period_end date,
--   budget_usd double, amount decimal(38,18), currency varchar, unconverted varchar
-- uses: budgets_in_force
-- about: $as_of is the moment of the newest data. Weeks begin on Monday; period_end is the last day.
select scope_kind, scope, period, period_start, period_end, budget_usd, amount, currency, unconverted
from budgets_in_force
order by case scope_kind when 'program' then 1 when 'workflow' then 2 when 'team' then 3 else 4 end, scope,
    case period when 'month' then 1 when 'week' then 2 else 3 end
