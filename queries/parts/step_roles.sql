-- title: Which steps coordinate other agents, and which check them, by their role or that of their agent.
with owners as (
    select run_id, agent, min(role) as role
    from steps
    where kind = 'agent' and role is not null and run_started_at > $since and run_started_at <= $as_of
    group by run_id, agent
)
select
    steps.run_id,
    step_id,
    lower(coalesce(steps.role, owners.role)) in (
        'plan', 'planner', 'planning', 'handoff', 'hand_off', 'delegate', 'delegation', 'supervisor', 'supervise',
        'orchestrator', 'orchestrate', 'orchestration', 'coordinator', 'coordinate', 'coordination', 'manager',
        'router', 'route', 'routing', 'summary', 'summarise', 'summarize', 'summariser', 'summarizer'
    ) as coordinates,
    lower(coalesce(steps.role, owners.role)) in (
        'verifier', 'verify', 'verification', 'checker', 'check', 'reviewer', 'review', 'critic', 'judge', 'auditor',
        'audit', 'validator', 'validate'
    ) as verifies
from steps
left join owners on owners.run_id = steps.run_id and owners.agent = steps.agent
where coalesce(steps.role, owners.role) is not null and stage not in ('test', 'replay')
    and run_started_at > $since and run_started_at <= $as_of
