-- id: MA-2
-- title: Do agents delegate in circles?
-- gate: pilot
-- limited_gate: no alarm
-- production_gate: no alarm
-- estimator: share
-- limits: 0.005 / 0.02 from 100
-- limit_kind: policy
-- unit: team runs
-- applies: multi
-- unless: One agent does all the work. That is the recommended start.
-- needs: steps.agent (kind=agent), steps.agent_path (kind=agent), steps.reenters_agent (kind=agent)
-- hint: Record the agent's name on its span, and the parent of every span.
-- fix: Refuse delegation to an agent already on the path, and pass the depth on: {evidence}.
-- owner: architecture
-- uses: agent_spans
-- about: Runs in which an agent is entered again below itself more often than the declared
--   max_rounds. A path of more than five agents, or more than ten re-entries, is red at any number.
--   Where agents have no name, or all are called unknown, nothing is measured.
with agents as (
    select
        run_id,
        agent_path,
        case when reenters_agent then 1 else 0 end as reenters,
        1 + (length(agent_path) - length(replace(agent_path, ' > ', ''))) / 3 as agents_deep
    from agent_spans
),
counted as (
    select run_id, sum(reenters) as reentries, max(agents_deep) as deepest,
        max(case when reenters = 1 then agent_path end) as chain
    from agents
    group by run_id
)
select
    runs.workflow,
    runs.run_id,
    cast(null as varchar) as step_id,
    reentries > coalesce(workflows.max_rounds, 0) as failed,
    cast(runs.started_at as date) as observed_on,
    runs.started_at as observed_at,
    case
        when reentries > coalesce(workflows.max_rounds, 0) then chain || ': entered again below itself'
        when deepest > 5 then cast(cast(deepest as bigint) as varchar) || ' agents deep: more than five'
        else 'no agent is entered again below itself'
    end as why,
    cast(reentries as double) as weight,
    deepest > 5 or reentries > 10 as alarm
from counted
join runs on runs.run_id = counted.run_id
left join workflows on workflows.workflow = runs.workflow
