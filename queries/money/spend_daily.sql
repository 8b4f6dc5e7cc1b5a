-- title: What was spent each day?
-- returns: day date, cost_usd double, source varchar
-- uses: counted
-- about: One row a day and record used. Per provider and day the best record counts alone; for
--   chosen workflows the best record that names workflows.
select day, sum(cost_usd) as cost_usd, source
from counted
where day >= $since and day < $until
    and case when $workflow is null then in_total else in_workflow and workflow in (select unnest($workflow::varchar[])) end
group by day, source
order by day, source
