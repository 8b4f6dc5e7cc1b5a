-- id: MA-5
-- title: Do agents overwrite each other?
-- gate: pilot
-- limited_gate: no alarm
-- production_gate: no alarm
-- estimator: share
-- limits: 0.01 / 0.05 from 20
-- limit_kind: policy
-- unit: resources written by several agents
-- applies: multi
-- unless: One agent does all the work. That is the recommended start.
-- needs: steps.tool (kind=tool), steps.side_effect (kind=tool), steps.started_at (kind=tool)
-- hint: Record resource_key and agent on every write, and declare under allowed_tools which tools write.
-- fix: Let one agent write each resource, or compare its version before setting it: {evidence}.
-- owner: architecture
-- about: A write over another agent's write that the writer did not read since, in one run or in two that
--   overlap. Counted are the resources that several agents wrote so; where every resource has a single writer,
--   all of them are, each without a conflict. A blind external write is red at any number. Tools declared
--   append: true add and do not overwrite. A read from an agent's own memory is not seen.
with acts as (
    select
        steps.workflow, steps.run_id, step_id, steps.tool, agent, resource_key, steps.side_effect, seq,
        steps.run_started_at, steps.started_at, coalesce(steps.ended_at, steps.started_at) as ended_at,
        runs.ended_at as run_ended_at
    from steps
    join runs on runs.run_id = steps.run_id
    left join workflow_tools as rule on rule.workflow = steps.workflow and rule.tool = steps.tool
    where steps.kind = 'tool' and steps.side_effect in ('read', 'write', 'external')
        and not coalesce(rule.append, false) and coalesce(is_executed, true)
        and steps.status <> 'error' and not in_band_error
        and steps.stage not in ('test', 'replay') and coalesce(agent, '') <> 'user_simulator'
        and steps.run_started_at > $since and steps.run_started_at <= $as_of
),
writes as (select * from acts where side_effect <> 'read'),
known as (
    select workflow, avg(case when resource_key is not null and agent is not null then 1.0 else 0.0 end) as share
    from writes
    group by workflow
),
overs as (
    select
        later.workflow, later.resource_key, later.run_id, later.step_id, later.agent, later.side_effect,
        later.run_started_at, later.started_at, earlier.agent as agent_before, earlier.ended_at as written_at
    from writes as later
    join writes as earlier
        on earlier.workflow = later.workflow and earlier.resource_key = later.resource_key
        and earlier.agent <> later.agent
        and (earlier.started_at < later.started_at
            or (earlier.started_at = later.started_at and earlier.step_id < later.step_id))
        and (earlier.run_id = later.run_id or later.run_started_at < coalesce(earlier.run_ended_at, $as_of::timestamp))
    qualify row_number() over (
        partition by later.run_id, later.step_id
        order by earlier.started_at desc, earlier.seq desc, earlier.run_id, earlier.step_id
    ) = 1
),
judged as (
    select
        overs.*,
        not exists (
            select 1 from acts
            where acts.side_effect = 'read' and acts.run_id = overs.run_id
                and acts.resource_key = overs.resource_key and acts.agent = overs.agent
                and acts.started_at >= overs.written_at and acts.started_at <= overs.started_at
        ) as is_blind
    from overs
),
resources as (
    select writes.*, coalesce(is_blind, false) as is_blind, judged.run_id is not null as is_over, agent_before,
        written_at,
        bool_or(judged.run_id is not null) over (partition by writes.workflow) as has_shared
    from writes
    join known on known.workflow = writes.workflow and known.share >= 0.8
    left join judged on judged.run_id = writes.run_id and judged.step_id = writes.step_id
    where writes.resource_key is not null and writes.agent is not null
)
select
    workflow,
    run_id,
    step_id,
    is_blind as failed,
    cast(run_started_at as date) as observed_on,
    started_at as observed_at,
    resource_key || ': ' || agent || case
        when is_blind then ' wrote over what ' || agent_before || ' had written at ' || cast(written_at as varchar)
            || ', without reading it'
        when is_over then ' read it before writing over ' || agent_before
        else ' alone wrote it'
    end as why,
    case when side_effect = 'external' then 2.0 else 1.0 end as weight,
    is_blind and side_effect = 'external' as alarm,
    cast(null as varchar) as unmeasured
from resources
where is_over or not has_shared
qualify row_number() over (
    partition by workflow, resource_key
    order by is_blind desc, case when side_effect = 'external' then 0 else 1 end, started_at desc, run_id, step_id
) = 1
union all
select workflow, null, null, false, cast($as_of as date), null, '', 0.0, false,
    'needs resource_key and agent on writes; ' || cast(cast(round(100 * share) as bigint) as varchar) || ' % have both.'
from known
where share < 0.8
