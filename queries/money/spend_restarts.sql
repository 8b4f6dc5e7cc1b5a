-- title: After which change does a run cost more than 20 % more or less?
-- returns: workflow varchar, restarted_on date, changed varchar, moved double
-- uses: billable, run_costs, counted, spent, restarts
-- about: The newest such change of each workflow, told by at least 30 runs on each side of it, neighbouring
--   changes apart. Projections take the days from it on as their history.
select workflow, restarted_on, changed, moved
from restarts
order by workflow
