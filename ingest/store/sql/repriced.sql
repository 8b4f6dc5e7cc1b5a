-- The calls whose cost is another than before; only their runs follow, and those the load touched anyway.
create or replace temp table repriced_calls as
select coalesce(s.run_id, b.run_id) as run_id, b.cost_usd as before_usd, s.cost_usd as after_usd
from (select run_id, step_id, cost_usd from steps where cost_source = 'priced') s
full join priced_before b on b.run_id = s.run_id and b.step_id = s.step_id
where s.cost_usd is distinct from b.cost_usd;

delete from touched_runs
where run_id not in (select run_id from touched_before) and run_id not in (select run_id from repriced_calls);
