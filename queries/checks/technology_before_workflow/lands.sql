-- id: WF-6
-- title: Does the work start from real input and land in a real system?
-- gate: pilot
-- estimator: share
-- limits: 0.02 / 0.10 from 30
-- limit_kind: policy
-- unit: successful runs
-- needs: declared_outputs by workflow
-- hint: Declare outputs by the tool or system that writes them, or user_reply for answers, and record what tools return.
-- fix: Demand the tool's own confirmation before a run is called done: {evidence}.
-- owner: product owner
-- uses: finished
-- about: A success is confirmed by a write to a declared output that ran, did not fail and returned something,
--   or by a downstream record of the run. An output that is an allowed tool must be that tool; any other is
--   met by a write to its system. An answer (user_reply) is confirmed by a run that ended with its output
--   shown to the user. In a pilot, fewer than half the runs with an input of their own keep it from green.
with outputs as (
    select workflow, unnest(cast(outputs as varchar[])) as output
    from workflows
    where outputs is not null
),
sinks as (
    select
        outputs.workflow, output,
        output in (select tool from workflow_tools where workflow_tools.workflow = outputs.workflow) as is_tool
    from outputs
),
landed as (
    select steps.run_id, min(sinks.output) as output
    from steps
    join sinks
        on sinks.workflow = steps.workflow
        and (steps.tool = sinks.output
            or (not sinks.is_tool and split_part(steps.tool, '.', 1) = split_part(sinks.output, '.', 1)))
    where steps.kind = 'tool' and steps.is_executed and steps.has_output
        and steps.side_effect in ('write', 'external') and steps.status <> 'error' and not steps.in_band_error
        and steps.run_started_at > $since and steps.run_started_at <= $as_of
    group by steps.run_id
),
answered as (
    select finished.run_id
    from finished
    join sinks on sinks.workflow = finished.workflow and sinks.output = 'user_reply'
    where finished.ended_at is not null and (finished.output_sink = 'user_reply' or finished.user_visible)
),
downstream as (
    select run_id from finished where outcome_source = 'downstream'
    union
    select run_id from outcome_votes where source = 'downstream' and outcome = 'success' and run_id is not null
),
given as (
    select run_id, input_hash
    from steps
    where input_hash is not null and run_started_at > $since and run_started_at <= $as_of
    qualify row_number() over (partition by run_id order by started_at nulls last, seq, step_id) = 1
),
inputs as (
    select
        finished.workflow,
        count(*) as runs,
        count(distinct coalesce(finished.input_hash, given.input_hash)) as own_inputs,
        count(*) filter (where coalesce(finished.input_source, 'synthetic') in ('demo', 'synthetic')) as unreal
    from finished
    left join given on given.run_id = finished.run_id
    group by finished.workflow
)
select
    finished.workflow,
    finished.run_id,
    cast(null as varchar) as step_id,
    coalesce(landed.output, answered.run_id, downstream.run_id) is null as failed,
    cast(finished.started_at as date) as observed_on,
    finished.started_at as observed_at,
    coalesce(
        case
            when landed.output is not null then landed.output || ': written'
            when answered.run_id is not null then 'user_reply: shown to the user'
            when downstream.run_id is not null then 'downstream: confirmed by a record'
        end || '; ' || cast(own_inputs as varchar) || ' of ' || cast(inputs.runs as varchar)
            || ' runs with an input of their own, ' || cast(unreal as varchar)
            || ' from demo, synthetic or unknown sources',
        'claimed success: no confirmed write to a declared output'
    ) as why,
    1.0 as weight,
    finished.stage = 'pilot' and own_inputs < 0.5 * inputs.runs as held
from finished
join inputs on inputs.workflow = finished.workflow
left join landed on landed.run_id = finished.run_id
left join answered on answered.run_id = finished.run_id
left join downstream on downstream.run_id = finished.run_id
where finished.outcome = 'success' and finished.workflow in (select workflow from outputs)
