-- title: Approvals asked for in the window, with the rule that asks for them.
-- about: Decided later than as_of is not decided yet. What was planted to test reviewers is told apart.
select
    runs.workflow, approvals.run_id, approvals.step_id, approvals.action, requested_at, decider_hash, decider_type, payload_chars,
    coalesce(is_seeded_test, false) as is_seeded_test, rules.sla_h, rules.min_read_s,
    case when decided_at <= $as_of then decided_at end as decided_at,
    case when decided_at > $as_of then null else decision end as decision
from approvals
join runs on runs.run_id = approvals.run_id
left join workflow_approvals as rules on rules.workflow = runs.workflow and rules.action = approvals.action
where requested_at > $since and requested_at <= $as_of and runs.stage not in ('test', 'replay')
