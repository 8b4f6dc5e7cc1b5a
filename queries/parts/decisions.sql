-- title: Steps of the window at which an agent decided: they say so, or the map has branches there.
-- about: What people decide is told by approvals.
select steps.*, coalesce(steps.decision, steps.step, steps.name) as decides
from steps
left join (select distinct workflow, from_step from workflow_edges where is_branch) as points
    on points.workflow = steps.workflow and points.from_step = steps.step
where steps.run_started_at > $since and steps.run_started_at <= $as_of and steps.stage not in ('test', 'replay')
    and steps.kind <> 'human' and coalesce(steps.agent, '') <> 'user_simulator'
    and (steps.decision is not null or steps.decision_value is not null or points.from_step is not null)
