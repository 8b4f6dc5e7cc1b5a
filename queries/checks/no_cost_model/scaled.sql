-- id: COST-7
-- title: Does it fit the budget at target volume?
-- gate: pilot
-- production_gate: green
-- estimator: scaled
-- limits: 1 / 1 from 100
-- limit_kind: policy
-- unit: priced runs
-- needs: workflows by workflow, budgets by workflow
-- hint: Declare expected_monthly_volume, fixed_monthly_usd, review and the monthly budget.
-- fix: Pull the lever with the largest effect, or commit to less volume: {evidence}.
-- owner: finance and engineering
-- uses: billable, run_costs, budgets_in_force, allowed
-- about: Volume times the mean cost of a run and its review, plus fixed cost, as a share of the monthly
--   budget. Green fits at the upper 95 % end with ten times the fixed cost. Growth of context and retries,
--   model mix, cache hits and difficulty are assumed to stay as in the pilot, prices as they are.
with home as (
    select workflows.workflow, expected_monthly_volume as volume, fixed_monthly_usd as fixed_usd,
        (review->>'minutes')::double / 60 * (review->>'rate_usd')::double * (review->>'share')::double as review_usd,
        budget_usd as budget, unconverted
    from workflows
    join allowed on allowed.workflow = workflows.workflow
),
measured as (
    select workflow, round(avg(cost_usd), 9) as mean_usd, count(cost_usd) as runs, max(unknown_cost) as unknown_cost
    from run_costs
    group by workflow
),
by_day as (
    select workflow, cast(started_at as date) as day, ln(count(*)) as ln_runs, ln(sum(cost_usd)) as ln_usd
    from run_costs
    where cost_usd > 0
    group by workflow, cast(started_at as date)
),
growth as (
    select workflow, regr_slope(ln_usd, ln_runs) as exponent
    from by_day
    group by workflow
    having count(*) >= 14 and max(ln_runs) - min(ln_runs) >= ln(3)
),
drivers as (
    select home.workflow, 'cost of a run: $' || printf('%.4f', mean_usd) || ' a run, measured on '
        || cast(runs as varchar) || ' runs' as why, volume * mean_usd as weight
    from home join measured on measured.workflow = home.workflow
    union all
    select workflow, 'volume: ' || cast(cast(volume as bigint) as varchar) || ' runs a month, declared', 0
    from home
    union all
    select workflow, 'infrastructure: $' || printf('%.2f', fixed_usd)
        || ' a month, declared; one, five and ten times as much are tried', 10 * fixed_usd
    from home
    union all
    select workflow, 'review: $' || printf('%.4f', review_usd) || ' a run, declared', volume * review_usd
    from home
    union all
    select home.workflow, 'growth: ' || coalesce('ten times the runs cost '
        || printf('%.1f', power(10, exponent)) || ' times as much, measured',
        'cost follows volume, assumed'), 0
    from home left join growth on growth.workflow = home.workflow
),
examined as (
    select workflow, run_id, false as is_driver, started_at, 'a run: $' || printf('%.4f', cost_usd) as why,
        cost_usd as weight, cost_usd as amount
    from run_costs
    where cost_usd is not null or unknown_cost is not null
    union all
    select workflow, null, true, null, why, weight, null
    from drivers
    where workflow in (select workflow from run_costs)
)
select
    examined.workflow,
    run_id,
    cast(null as varchar) as step_id,
    is_driver and volume * (mean_usd + review_usd) + 10 * fixed_usd > budget as failed,
    is_driver as listed,
    cast(coalesce(started_at, $as_of) as date) as observed_on,
    started_at as observed_at,
    coalesce(why, 'not declared') as why,
    coalesce(weight, 0) as weight,
    amount,
    volume,
    fixed_usd,
    review_usd,
    budget,
    case
        when unknown_cost is not null then unknown_cost
        when volume is null then 'expected_monthly_volume is not declared.'
        when fixed_usd is null then 'fixed_monthly_usd is not declared. Write 0 where nothing is fixed.'
        when review_usd is null then 'review is not declared. Write share: 0 where nobody reviews.'
        when unconverted is not null then unconverted
    end as unmeasured
from examined
join home on home.workflow = examined.workflow
join measured on measured.workflow = examined.workflow
