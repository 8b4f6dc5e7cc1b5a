-- title: Which rows does a check rest on?
-- returns: run_id varchar, step_id varchar, observed_at timestamp, why varchar, weight double
-- about: Worst first; rows of weight 0 passed and are shown for contrast.
select run_id, step_id, observed_at, why, weight
from check_evidence
where workflow = $workflow and check_id = $check_id and as_of = (select max(as_of) from check_results)
order by weight desc, observed_at desc nulls last, run_id, step_id
