-- title: Where did the cost of runs go, and how much of it into nothing?
-- returns: workflow varchar, cause varchar, runs bigint, cost_usd double, is_waste boolean, unknown_cost varchar
-- uses: billable, run_costs, wasted_costs
-- about: Every dollar of a run stands under one cause; they add up to the whole. A failed or abandoned run counts
--   whole, the others by their retries and repeated identical calls. What a failed run explored was useful
--   perhaps; it is no outcome. A run without a known outcome is neither waste nor use.
with parts as (
    select workflow, run_id, unknown_cost, unnest([
        {'cause': case outcome when 'failure' then 'failed runs' when 'abandoned' then 'abandoned runs'
            when 'unknown' then 'runs of unknown outcome' else 'useful' end,
            'usd': case when outcome in ('failure', 'abandoned') then assumed_usd else assumed_usd - wasted_usd end},
        {'cause': 'retries', 'usd': case when outcome in ('failure', 'abandoned') then 0
            else least(retried_usd, wasted_usd) end},
        {'cause': 'repeated calls', 'usd': case when outcome in ('failure', 'abandoned') then 0
            else wasted_usd - least(retried_usd, wasted_usd) end}]) as part
    from wasted_costs
    where ($workflow is null or workflow in (select unnest($workflow::varchar[])))
)
select workflow, part.cause as cause, count(*) filter (where part.usd > 0) as runs, round(sum(part.usd), 9) as cost_usd,
    part.cause not in ('useful', 'runs of unknown outcome') as is_waste, max(unknown_cost) as unknown_cost
from parts
group by all
having round(sum(part.usd), 9) > 0
order by workflow, is_waste, cost_usd desc, cause
