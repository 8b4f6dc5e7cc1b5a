-- title: What did each complete day cost each workflow in all, and how many successes did it bring?
-- returns: workflow varchar, day date, cost_usd double, run_usd double, runs bigint, successes bigint,
--   unknown_cost varchar, undeclared varchar
-- uses: billable, run_costs, counted, spent, outcome_costs
-- about: cost_usd holds failed and abandoned runs, review, fixed cost and charges beyond the runs; run_usd the runs
--   alone. `undeclared` names what is left out because nobody declared or recorded it.
select workflow, day, sum(amount) as cost_usd, coalesce(sum(amount) filter (where run_id is not null), 0) as run_usd,
    count(run_id) as runs, cast(sum(total) as bigint) as successes,
    max(unknown_cost) as unknown_cost,
    coalesce(max(undeclared), case when workflow not in (select workflow from workflows)
        then 'fixed cost and review, as the workflow is not declared.' end) as undeclared
from outcome_costs
where ($workflow is null or workflow in (select unnest($workflow::varchar[])))
group by workflow, day
order by workflow, day
