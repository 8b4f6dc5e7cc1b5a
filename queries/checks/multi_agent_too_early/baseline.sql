-- id: MA-1
-- title: Is the team better than one agent doing it all?
-- gate: pilot
-- estimator: two_arm
-- limits: 0.05 / 3 from 60
-- limit_kind: policy
-- unit: runs of each
-- window: 90
-- applies: multi
-- unless: One agent does all the work. That is the recommended start.
-- hint: Load replays of real inputs with architecture single, stage replay and the task_key of the original.
-- fix: Replay 100 real inputs through the single-agent variant: {evidence}.
-- owner: architecture
-- beside: MA-6
-- about: Success of the team less success of one agent, over the runs whose outcome is known. One agent are
--   replays with architecture single, or runs of a version that never had two agents. Where both did the same
--   task_key, only such tasks count; else replays are compared with replays of the team where there are any,
--   else with its runs. The limits are the loss that is accepted at no higher cost a success, and the cost ratio
--   at which no gain shown is red. Four of five runs of both need an outcome and a cost. The baseline must have
--   the same model and budget: both models are listed.
with seen as (
    select *, bool_or(architecture = 'multi') over (partition by workflow, version) as is_teams_version
    from (
        select workflow, version, run_id, stage, task_key, started_at, outcome, cost_usd, machine_ms,
            coalesce(architecture, case when n_agents > 1 then 'multi' end) as architecture
        from runs
        where started_at > $since and started_at <= $as_of and stage <> 'test' and status <> 'running'
    )
),
sided as (
    select *,
        case
            when architecture = 'multi' then 'multi'
            when architecture = 'single' and (stage = 'replay' or not is_teams_version) then 'single'
            when stage <> 'replay' and is_teams_version then 'multi'
        end as arm
    from seen
),
tasks as (
    select workflow, task_key
    from sided
    where task_key is not null
    group by workflow, task_key
    having count(distinct arm) = 2
),
compared as (
    select sided.*
    from sided
    left join tasks on tasks.workflow = sided.workflow and tasks.task_key = sided.task_key
    left join (
        select workflow, max(case when arm = 'multi' and stage = 'replay' then 1 else 0 end) as has_replays from sided
        group by workflow
    ) as teams on teams.workflow = sided.workflow
    where arm is not null and case
        when sided.workflow in (select workflow from tasks) then tasks.task_key is not null
        else stage = 'replay' or (arm = 'multi' and has_replays = 0)
    end
),
complete as (
    select workflow, arm, avg(case when outcome = 'unknown' then 0.0 else 1.0 end) as outcomes,
        avg(case when cost_usd is null then 0.0 else 1.0 end) as costs,
        quantile_cont(machine_ms, 0.95) as p95_ms
    from compared
    group by workflow, arm
),
pairs as (
    select multi.workflow, multi.p95_ms / nullif(single.p95_ms, 0) as slower,
        case
            when single.arm is null then 'needs the same work done by one agent: replays with architecture single.'
            when least(multi.outcomes, single.outcomes) < 0.8 then 'needs the outcome of four in five runs of both.'
            when least(multi.costs, single.costs) < 0.8 then 'needs the cost of four in five runs of both.'
        end as unmeasured
    from complete as multi
    left join complete as single on single.workflow = multi.workflow and single.arm = 'single'
    where multi.arm = 'multi'
),
models as (
    select compared.workflow, arm, string_agg(distinct model, ', ' order by model) as names
    from steps
    join compared on compared.run_id = steps.run_id
    where model is not null and run_started_at > $since and run_started_at <= $as_of
    group by compared.workflow, arm
),
beside as (
    select *,
        max(case when arm = 'single' and outcome = 'success' then 1 else 0 end) over (partition by workflow, task_key)
            as one_did
    from compared
    where outcome <> 'unknown'
)
select
    beside.workflow,
    run_id,
    cast(null as varchar) as step_id,
    outcome <> 'success' as failed,
    cast(started_at as date) as observed_on,
    started_at as observed_at,
    case when arm = 'multi' then 'the team' else 'one agent' end || coalesce(' on ' || task_key, '') || ': ' || outcome
        || case when arm = 'multi' and task_key is not null and outcome <> 'success' and one_did = 1
            then ', where one agent succeeded' else '' end as why,
    case when arm = 'multi' then 1.0 else 0.5 end + case when task_key is not null and one_did = 1 then 1.0 else 0.0 end
        as weight,
    arm,
    cost_usd as amount,
    true as counted,
    false as listed,
    pairs.unmeasured
from beside
join pairs on pairs.workflow = beside.workflow
union all
select pairs.workflow, null, null, false, cast($as_of as date), null,
    'the team: slowest twentieth ' || coalesce(cast(round(slower, 1) as varchar) || ' times as long', 'not timed')
        || '; models ' || coalesce(multi.names, 'unknown') || ', those of one agent '
        || coalesce(single.names, 'unknown'),
    1.0, 'multi', null, false, true, pairs.unmeasured
from pairs
left join models as multi on multi.workflow = pairs.workflow and multi.arm = 'multi'
left join models as single on single.workflow = pairs.workflow and single.arm = 'single'
