-- title: The change after which a run of a workflow costs more than 20 % more or less than before it.
-- about: Needs spent. The newest one, told between its neighbouring changes by at least 30 runs on each side.
with spent_days as (
    select workflow, day, sum(cost_usd) as cost_usd from spent group by workflow, day
),
run_days as (
    select workflow, cast(period_at as date) as day, sum(runs) as runs
    from rollup_runs
    where grain = 'day'
    group by workflow, cast(period_at as date)
),
change_days as (
    select workflow, cast(changed_at as date) as changed_on,
        cast(max(changed_at) + interval 1 day - interval 1 microsecond as date) as first_day,
        string_agg(kind || coalesce(' ' || version_to, ' ' || change_id), ', ' order by change_id) as changed
    from changes
    where changed_at <= $as_of
    group by workflow, cast(changed_at as date)
),
bounded as (
    select *,
        lag(first_day) over (partition by workflow order by changed_on) as last_before,
        lead(changed_on) over (partition by workflow order by changed_on) as next_changed_on
    from change_days
),
sides as (
    select bounded.workflow, first_day, changed,
        sum(cost_usd) filter (where daily.day < changed_on) as usd_before,
        sum(runs) filter (where daily.day < changed_on) as runs_before,
        sum(cost_usd) filter (where daily.day >= first_day) as usd_after,
        sum(runs) filter (where daily.day >= first_day) as runs_after
    from bounded
    join spent_days as daily on daily.workflow = bounded.workflow
        and (last_before is null or daily.day >= last_before)
        and (next_changed_on is null or daily.day < next_changed_on)
    join run_days on run_days.workflow = daily.workflow and run_days.day = daily.day
    group by bounded.workflow, first_day, changed
)
select workflow, first_day as restarted_on, changed,
    usd_after / runs_after / nullif(usd_before / runs_before, 0) - 1 as moved
from sides
where runs_before >= 30 and runs_after >= 30
    and abs(usd_after / runs_after / nullif(usd_before / runs_before, 0) - 1) > 0.2
qualify row_number() over (partition by workflow order by first_day desc) = 1
