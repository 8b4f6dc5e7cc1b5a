-- title: What was spent each day?
-- returns: day date, cost_usd double, source varchar
-- about: One row a day and record used. Per provider and day the best record counts alone; for
--   chosen workflows the best record that names workflows.
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
counted as (
    select costs.day, costs.source, costs.cost_usd
    from rollup_costs as costs
    join best on best.day = costs.day and best.provider = costs.provider and best.rank = costs.rank
    where $workflow is null
    union all
    select costs.day, costs.source, costs.cost_usd
    from rollup_costs as costs
    join shared on shared.day = costs.day and shared.provider = costs.provider and shared.rank = costs.rank
    where $workflow is not null and workflow is not null and ($workflow is null or workflow in (select unnest($workflow::varchar[])))
)
select day, sum(cost_usd) as cost_usd, source
from counted
where day >= $since and day < $until
group by day, source
order by day, source
