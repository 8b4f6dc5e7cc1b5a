-- title: Which workflow spends what, and what does one success cost?
-- returns: workflow varchar, cost_usd double, runs bigint, successes bigint,
--   cost_per_run_usd double, cost_per_success_usd double, source varchar
-- about: A workflow's amount comes from the best record that names workflows, unscaled. What the
--   counting record holds beyond them is one row without a workflow.
with best as (
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
attributed as (
    select costs.workflow, costs.source, costs.rank, costs.cost_usd
    from rollup_costs as costs
    join shared on shared.day = costs.day and shared.provider = costs.provider and shared.rank = costs.rank
    where workflow is not null and costs.day >= $since and costs.day < $until
),
programme as (
    select sum(costs.cost_usd) as cost_usd, min(costs.rank) as rank
    from rollup_costs as costs
    join best on best.day = costs.day and best.provider = costs.provider and best.rank = costs.rank
    where costs.day >= $since and costs.day < $until
),
spent as (
    select workflow, sum(cost_usd) as cost_usd, min(rank) as rank
    from attributed
    where ($workflow is null or workflow in (select unnest($workflow::varchar[])))
    group by workflow
    union all
    select null, cost_usd - coalesce((select sum(cost_usd) from attributed), 0), rank
    from programme
    where $workflow is null and cost_usd is not null
),
counted as (
    select workflow, cast(sum(runs) as bigint) as runs, cast(sum(successes) as bigint) as successes
    from rollup_runs
    where grain = 'day' and period_at >= $since and period_at < $until
    group by workflow
)
select
    spent.workflow,
    spent.cost_usd,
    runs,
    successes,
    spent.cost_usd / nullif(runs, 0) as cost_per_run_usd,
    spent.cost_usd / nullif(successes, 0) as cost_per_success_usd,
    case rank when 1 then 'invoice' when 2 then 'usage_api' when 3 then 'gateway_log' when 4 then 'client_log'
        when 5 then 'manual' when 6 then 'traces' end as source
from spent
left join counted on counted.workflow = spent.workflow
where spent.workflow is not null or abs(spent.cost_usd) >= 0.005
order by spent.workflow is null, spent.cost_usd desc nulls last, spent.workflow
