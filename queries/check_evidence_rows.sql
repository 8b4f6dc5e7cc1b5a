-- title: Which rows does a check rest on?
-- returns: run_id varchar, step_id varchar, observed_at timestamp, why varchar, weight double
-- about: Worst first; rows of weight 0 passed and are shown for contrast. A check that stays red because
--   its data are gone shows the rows it last had.
select run_id, step_id, observed_at, why, weight
from check_evidence
where workflow = $workflow and check_id = $check_id and as_of = (
    select case
        when held_state is null then as_of
        else (select max(as_of) from check_evidence where workflow = $workflow and check_id = $check_id)
    end
    from check_results
    where workflow = $workflow and check_id = $check_id
    order by as_of desc
    limit 1
)
order by weight desc, observed_at desc nulls last, run_id, step_id
