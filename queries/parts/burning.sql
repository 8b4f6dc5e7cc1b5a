-- title: What every run spent in the burn-rate windows before as_of, for the programme and each workflow with a budget.
-- about: Needs billable, run_costs and allowed. One row a run, scope and pair of windows: `amount` in the long one,
--   `recent` in the short one, against what the budget allows in each on such a weekday (from 28 days of history
--   on). A call is dated by its own start; a run without priced calls by the run's.
with priced as (select distinct run_id from billable where cost_usd is not null),
own as (
    select workflow, run_id, coalesce(started_at, run_started_at) as spent_at,
        coalesce(cost_usd, round(avg(cost_usd) over (partition by workflow), 9)) as usd
    from billable
    where run_id in (select run_id from priced)
    union all
    select workflow, run_id, started_at, assumed_usd
    from run_costs
    where run_id not in (select run_id from priced)
),
scopes as (
    select *, scope_kind = 'program' as is_whole from allowed where scope_kind in ('program', 'workflow')
),
spent_by_day as (
    select workflow, period_at, sum(cost_usd) as usd
    from rollup_runs
    where grain = 'day' and period_at >= date_trunc('day', $as_of::timestamp - interval 1 microsecond) - interval 28 day
        and period_at < date_trunc('day', $as_of::timestamp - interval 1 microsecond)
    group by workflow, period_at
),
weekdays as (
    select scope_kind, scope,
        case when min(period_at) <= date_trunc('day', $as_of::timestamp - interval 1 microsecond) - interval 28 day
            then round(greatest(0.25, 7 * sum(case when dayofweek(period_at)
                = dayofweek($as_of::timestamp - interval 1 microsecond) then usd else 0 end)
                / nullif(sum(usd), 0)), 9)
            else 1 end as factor
    from scopes join spent_by_day on is_whole or spent_by_day.workflow = scopes.workflow
    group by scope_kind, scope
),
pairs as (
    select * from (values (60, 5, 14.4), (360, 30, 6), (1440, 120, 3)) as t (long_min, short_min, threshold)
)
select scopes.scope_kind, scopes.scope, own.workflow, run_id, long_min, short_min, threshold, min(spent_at) as spent_at,
    round(sum(case when spent_at > $as_of::timestamp - to_minutes(long_min) then usd else 0 end), 9) as amount,
    round(sum(case when spent_at > $as_of::timestamp - to_minutes(short_min) then usd else 0 end), 9) as recent,
    any_value(budget_usd) as budget, any_value(unconverted) as unconverted,
    any_value(budget_usd / (days * 1440.0) * long_min * coalesce(factor, 1)) as allowed,
    any_value(budget_usd / (days * 1440.0) * short_min * coalesce(factor, 1)) as recent_allowed
from own
join scopes on is_whole or scopes.workflow = own.workflow
left join weekdays on weekdays.scope_kind = scopes.scope_kind and weekdays.scope = scopes.scope
cross join pairs
where coalesce(budget_usd, 1) > 0
group by scopes.scope_kind, scopes.scope, own.workflow, run_id, long_min, short_min, threshold
