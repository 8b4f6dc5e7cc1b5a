-- title: What every workflow spent on every complete day since $since, by the best record that names workflows.
-- about: Needs run_costs. A record that leaves some of its lines without a workflow stands behind one that
--   names all: what names nobody would be spent by nobody. Amounts are raised by the share of runs and
--   calls, or of the record's lines, that have no price: what is unknown was not free. Amounts are null where
--   nothing of a day is known; `unknown_cost` says where traces are the record and too few runs have a cost.
with records as (
    select day, provider, rank,
        bool_and(workflow is not null or category in ('credit', 'tax', 'other')) as is_named,
        bool_or(workflow is not null) as names_some,
        bool_or(workflow is not null and cost_usd is not null) as is_known
    from rollup_costs
    where day >= cast($since as date) and day < cast($as_of as date)
    group by day, provider, rank
),
best as (
    select day, provider,
        coalesce(min(rank) filter (where is_known and is_named), min(rank) filter (where is_known), min(rank)) as rank
    from records
    where names_some
    group by day, provider
),
raised as (
    select workflow, sum(assumed_usd) / nullif(sum(stated_usd), 0) as factor, max(unknown_cost) as unknown_cost
    from run_costs
    group by workflow
),
named as (
    select costs.workflow, costs.day, costs.stage, costs.category, costs.rank, costs.cost_usd,
        sum(costs.lines) over of_record / nullif(sum(costs.lines - costs.unpriced_lines) over of_record, 0) as by_lines
    from rollup_costs as costs
    join best on best.day = costs.day and best.provider = costs.provider and best.rank = costs.rank
    where costs.workflow is not null
    window of_record as (partition by costs.workflow, costs.rank)
)
select named.workflow, day, stage, category,
    round(sum(cost_usd * case when rank = 6 then coalesce(factor, 1) else by_lines end), 9) as cost_usd,
    max(case when rank = 6 then unknown_cost end) as unknown_cost
from named
left join raised on raised.workflow = named.workflow
group by named.workflow, day, stage, category
