-- title: The spans of agents in the window whose name is known.
-- about: None of a workflow in which more than one span in five has no name.
select workflow, run_id, step_id, agent, agent_path, reenters_agent, seq
from steps
where kind = 'agent' and stage not in ('test', 'replay') and coalesce(agent, '') <> 'user_simulator'
    and run_started_at > $since and run_started_at <= $as_of
qualify lower(coalesce(agent, 'unknown')) <> 'unknown'
    and avg(case when lower(coalesce(agent, 'unknown')) = 'unknown' then 0.0 else 1.0 end)
        over (partition by workflow) >= 0.8
