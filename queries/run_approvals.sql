-- title: Which approvals were asked for in this run?
-- returns: action varchar, decision varchar, decider_type varchar, requested_at timestamp,
--   decided_at timestamp, wait_s double, is_seeded_test boolean, step_id varchar
select
    action, decision, decider_type, requested_at, decided_at,
    date_diff('millisecond', requested_at, decided_at) / 1000.0 as wait_s, is_seeded_test, step_id
from approvals
where run_id = $run_id
order by requested_at, approval_id
