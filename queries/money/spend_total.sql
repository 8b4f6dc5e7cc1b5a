-- title: What was spent, and by which record do we know?
-- returns: cost_usd double, previous_cost_usd double, source_used varchar, unattributed_usd double
-- uses: counted
-- about: Per provider and day the first of invoice, usage export, gateway log, client log, manual
--   entry and traces counts, never two. Previous is the same length of time before. Unattributed is what
--   the counting record holds beyond the amounts known per workflow; null when workflows are chosen.
with bounds as (select $since::timestamp as since, $until::timestamp as until),
chosen as (
    select * from counted
    where case when $workflow is null then in_total or in_workflow
        else in_workflow and workflow in (select unnest($workflow::varchar[])) end
),
lines as (
    select source, cost_usd, in_workflow, in_total or $workflow is not null as is_wanted,
        day >= since and day < until as is_now, day >= since - (until - since) and day < since as is_before
    from chosen cross join bounds
)
select
    sum(cost_usd) filter (where is_wanted and is_now) as cost_usd,
    sum(cost_usd) filter (where is_wanted and is_before) as previous_cost_usd,
    nullif(concat_ws(', ',
        max('invoice') filter (where is_wanted and is_now and source = 'invoice'),
        max('usage_api') filter (where is_wanted and is_now and source = 'usage_api'),
        max('gateway_log') filter (where is_wanted and is_now and source = 'gateway_log'),
        max('client_log') filter (where is_wanted and is_now and source = 'client_log'),
        max('manual') filter (where is_wanted and is_now and source = 'manual'),
        max('traces') filter (where is_wanted and is_now and source = 'traces')), '') as source_used,
    case when $workflow is null then sum(cost_usd) filter (where is_wanted and is_now)
        - coalesce(sum(cost_usd) filter (where in_workflow and is_now), 0) end as unattributed_usd
from lines
