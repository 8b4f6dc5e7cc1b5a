-- title: What every workflow spent on every complete day since $since, by the record that counts for workflows.
-- about: Needs run_costs and counted. Amounts are raised by the share of runs and calls, or of the record's
--   lines, that have no price: what is unknown was not free. Amounts are null where nothing of a day is known;
--   `unknown_cost` says where traces are the record and too few runs have a cost.
with raised as (
    select workflow, sum(assumed_usd) / nullif(sum(stated_usd), 0) as factor, max(unknown_cost) as unknown_cost
    from run_costs
    group by workflow
),
named as (
    select workflow, day, stage, category, rank, cost_usd,
        sum(lines) over of_record / nullif(sum(lines - unpriced_lines) over of_record, 0) as by_lines
    from counted
    where in_workflow and day >= cast($since as date) and day < cast($as_of as date)
    window of_record as (partition by workflow, rank)
)
select named.workflow, day, stage, category,
    round(sum(cost_usd * case when rank = 6 then coalesce(factor, 1) else by_lines end), 9) as cost_usd,
    max(case when rank = 6 then unknown_cost end) as unknown_cost
from named
left join raised on raised.workflow = named.workflow
group by named.workflow, day, stage, category
