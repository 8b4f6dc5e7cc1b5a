-- title: How did the checks develop?
-- returns: as_of timestamp, workflow varchar, check_id varchar, state varchar, held_state varchar,
--   value double, lo double, hi double, n double, limit_a double, limit_r double, formula_version varchar
-- about: As issued then, never recomputed. $workflow and $check_id narrow it to one of each.
select as_of, workflow, check_id, state, held_state, value, lo, hi, n, limit_a, limit_r, formula_version
from check_results
where ($workflow is null or workflow = $workflow) and ($check_id is null or check_id = $check_id)
order by as_of, workflow, check_id
