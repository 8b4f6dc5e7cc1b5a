-- id: WF-2
-- title: Do real runs follow the map?
-- gate: pilot
-- beside: WF-4
-- estimator: share
-- limits: 0.05 / 0.20 from 30
-- from_production: 100
-- limit_kind: policy
-- unit: finished runs
-- needs: workflow_edges by workflow
-- hint: Declare steps and edges in the workflow's file, and `match` patterns for the names seen in traces.
-- fix: Either declare the transition or stop the agent taking it: {evidence}.
-- owner: product owner
-- uses: finished, declared_edges, taken, off_map, broken
-- about: Directly-follows over declared steps, repeats collapsed, and the declared constraints. Steps that
--   overlap in time have no order and are not judged; a run that broke off with an error is not judged on
--   its last step, WF-5 does. A declared exception path may be entered from anywhere. A map that declares
--   every transition is always followed: see how many of them runs take, and WF-4.
with offences as (
    select workflow, run_id, step_id, started_at, why, 2 as place from off_map
    union all
    select workflow, run_id, step_id, started_at, why, 1 from broken
),
first_offences as (
    select *
    from offences
    qualify row_number() over (partition by run_id order by place, started_at nulls last, step_id nulls last, why) = 1
),
alike as (select workflow, why, count(*) as runs from first_offences group by workflow, why),
judged as (select distinct workflow, run_id from taken union select workflow, run_id from first_offences),
used as (
    select
        declared.workflow,
        count(distinct declared.from_step || ' → ' || declared.to_step) as declared,
        count(distinct taken.from_step || ' → ' || taken.to_step) as seen
    from declared_edges as declared
    left join taken
        on taken.workflow = declared.workflow
        and taken.from_step = declared.from_step and taken.to_step = declared.to_step
    where not coalesce(declared.is_exception, false)
    group by declared.workflow
)
select
    judged.workflow,
    judged.run_id,
    first_offences.step_id,
    first_offences.run_id is not null as failed,
    cast(finished.started_at as date) as observed_on,
    coalesce(first_offences.started_at, finished.started_at) as observed_at,
    coalesce(
        first_offences.why,
        'every transition is declared; runs took ' || cast(used.seen as varchar) || ' of '
            || cast(used.declared as varchar) || ' declared ones'
            || case when used.declared > 3 * used.seen then ', so the map allows far more than runs do' else '' end
    ) as why,
    cast(coalesce(alike.runs, 0) as double) as weight
from judged
join finished on finished.run_id = judged.run_id
left join first_offences on first_offences.run_id = judged.run_id
left join alike on alike.workflow = judged.workflow and alike.why = first_offences.why
left join used on used.workflow = judged.workflow
