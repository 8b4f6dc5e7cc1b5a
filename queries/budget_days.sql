-- title: What did each of the last eight weeks' days cost?
-- returns: day date, cost_usd double
-- about: $workflow names one workflow; without it the programme. Days without a record are absent.
with clock as (
    select cast(max(as_of) - interval 1 microsecond as date) as as_of_day from store_state
),
best as (
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
spent as (
    select costs.day, costs.cost_usd
    from rollup_costs as costs
    join best on best.day = costs.day and best.provider = costs.provider and best.rank = costs.rank
    where $workflow is null
    union all
    select costs.day, costs.cost_usd
    from rollup_costs as costs
    join shared on shared.day = costs.day and shared.provider = costs.provider and shared.rank = costs.rank
    where costs.workflow = $workflow
)
select day, sum(cost_usd) as cost_usd
from spent cross join clock
where day > as_of_day - interval 56 day and day <= as_of_day
group by day
order by day
