-- title: How fast is money burning in the last hour, six hours and day, against the budget?
-- returns: scope_kind varchar, scope varchar, long_min integer, short_min integer, threshold double, runs bigint,
--   spent_usd double, recent_usd double, pace double, recent_pace double, fires boolean
-- uses: billable, run_costs, budgets_in_force, allowed, burning
-- about: Pace is spend over what the monthly budget allows in the window on such a weekday. A pair fires where both
--   windows reach the threshold, at least 20 runs spent it and it is 1 % of the budget or more (Google SRE workbook,
--   chapter 5, without the three-day rule: a budget is meant to be spent). A planned month stays near 1.
select scope_kind, scope, long_min, short_min, cast(threshold as double) as threshold, count(*) filter (where amount > 0) as runs,
    round(sum(amount), 9) as spent_usd, round(sum(recent), 9) as recent_usd,
    round(sum(amount) / any_value(allowed), 9) as pace, round(sum(recent) / any_value(recent_allowed), 9) as recent_pace,
    coalesce(round(sum(amount) / any_value(allowed), 9) >= threshold
        and round(sum(recent) / any_value(recent_allowed), 9) >= threshold
        and round(sum(amount), 9) >= 0.01 * any_value(budget) and count(*) filter (where amount > 0) >= 20, false) as fires
from burning
group by scope_kind, scope, long_min, short_min, threshold
order by scope_kind, scope, long_min
