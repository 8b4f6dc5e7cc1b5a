-- title: What did every run of the window cost, and what came of it?
-- returns: workflow varchar, run_id varchar, day date, channel varchar, version varchar, outcome varchar,
--   cost_usd double, stated_usd double, weight double, unknown_cost varchar
-- uses: billable, run_costs
-- about: Without tests and replays. cost_usd is null where no cost is known, and raised where some calls have no price;
--   a run that was kept with probability p stands for `weight` = 1 / p runs.
select workflow, run_id, cast(started_at as date) as day, channel, version, outcome, cost_usd, stated_usd,
    case when sample_prob > 0 and sample_prob < 1 then 1 / sample_prob else 1.0 end as weight, unknown_cost
from run_costs
where $workflow is null or workflow in (select unnest($workflow::varchar[]))
order by workflow, started_at, run_id
