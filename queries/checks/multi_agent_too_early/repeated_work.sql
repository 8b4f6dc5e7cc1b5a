-- id: MA-7
-- title: Is work done twice at handoffs?
-- gate: no
-- estimator: share
-- limits: 0.05 / 0.15 from 50
-- limit_kind: policy
-- unit: tool calls
-- applies: multi
-- unless: One agent does all the work. That is the recommended start.
-- needs: steps.tool (kind=tool), steps.agent (kind=tool), steps.input_hash (kind=tool)
-- hint: Record the agent and the input, or its hash, of every tool call.
-- fix: Hand over a typed result, and share a cache: {evidence}.
-- owner: architecture
-- uses: attempts, calls, step_roles
-- about: Calls that repeat a call another agent made in the same run with the same input. A verifier repeats on
--   purpose: mark it by its role. Whether a handoff lacks fields of its contract is not measured: no table holds
--   such a contract.
with told as (
    select calls.*, coalesce(verifies, false) as verifies
    from calls
    left join step_roles on step_roles.run_id = calls.run_id and step_roles.step_id = calls.step_id
),
ordered as (
    select *,
        first_value(agent) over (
            partition by run_id, tool, input_hash
            order by case when agent is null or verifies then 1 else 0 end, started_at, seq, step_id
        ) as first_agent
    from told
)
select
    workflow,
    run_id,
    step_id,
    input_hash is not null and not verifies and agent <> first_agent as failed,
    cast(run_started_at as date) as observed_on,
    coalesce(started_at, run_started_at) as observed_at,
    tool || ': ' || case
        when input_hash is null or agent is null then 'input or agent unknown'
        when agent = first_agent then 'asked once by ' || agent
        when verifies then 'asked again by ' || agent || ', which verifies'
        else 'asked by ' || first_agent || ' and again by ' || agent
    end as why,
    1.0 as weight
from ordered
