-- title: What was spent, and by which record do we know?
-- returns: cost_usd double, previous_cost_usd double, source_used varchar, unattributed_usd double
-- about: Per provider and day the first of invoice, usage export, gateway log, client log, manual
--   entry and traces counts, never two. Previous is the same length of time before. Unattributed is what
--   the counting record holds beyond the amounts known per workflow; null when workflows are chosen.
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
programme as (
    select costs.day, costs.source, costs.cost_usd
    from rollup_costs as costs
    join best on best.day = costs.day and best.provider = costs.provider and best.rank = costs.rank
),
attributed as (
    select costs.day, costs.source, costs.workflow, costs.cost_usd
    from rollup_costs as costs
    join shared on shared.day = costs.day and shared.provider = costs.provider and shared.rank = costs.rank
    where costs.workflow is not null
),
counted as (
    select day, source, cost_usd from programme where $workflow is null
    union all
    select day, source, cost_usd from attributed where $workflow is not null and ($workflow is null or workflow in (select unnest($workflow::varchar[])))
),
bounds as (select $since::timestamp as since, $until::timestamp as until)
select
    sum(case when day >= since and day < until then cost_usd end) as cost_usd,
    sum(case when day >= since - (until - since) and day < since then cost_usd end) as previous_cost_usd,
    nullif(concat_ws(', ',
        max(case when source = 'invoice' and day >= since and day < until then 'invoice' end),
        max(case when source = 'usage_api' and day >= since and day < until then 'usage_api' end),
        max(case when source = 'gateway_log' and day >= since and day < until then 'gateway_log' end),
        max(case when source = 'client_log' and day >= since and day < until then 'client_log' end),
        max(case when source = 'manual' and day >= since and day < until then 'manual' end),
        max(case when source = 'traces' and day >= since and day < until then 'traces' end)), '') as source_used,
    case when $workflow is null then sum(case when day >= since and day < until then cost_usd end)
        - coalesce((select sum(cost_usd) from attributed where day >= $since and day < $until), 0) end
        as unattributed_usd
from counted cross join bounds
