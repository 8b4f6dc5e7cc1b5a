-- id: OBS-1
-- title: Are traces whole?
-- gate: pilot
-- estimator: share
-- limits: 0.01 / 0.05 from 30
-- limit_kind: policy
-- unit: finished runs
-- fix: Flush on exit and pass the trace context across queues and services: {evidence}.
-- owner: engineering
-- uses: finished
-- about: A trace is broken when a span's parent never arrived, when steps are missing, or when the
--   run has no end a day after it started. Where no span names a parent, what is missing cannot be seen.
with spans as (
    select run_id, step_id, parent_step_id
    from steps
    where run_started_at > $since and run_started_at <= $as_of and stage not in ('test', 'replay')
),
orphans as (
    select spans.run_id, count(*) as n
    from spans
    left join spans as parents
        on parents.run_id = spans.run_id and parents.step_id = spans.parent_step_id
    where spans.parent_step_id is not null and parents.step_id is null
    group by spans.run_id
),
kept as (select run_id, count(*) as n from spans group by run_id),
trees as (
    select finished.workflow, count(*) > count(distinct spans.run_id) and count(parent_step_id) = 0 as is_flat
    from spans
    join finished on finished.run_id = spans.run_id
    group by finished.workflow
)
select
    finished.workflow,
    finished.run_id,
    cast(null as varchar) as step_id,
    coalesce(orphans.n, 0) > 0 or n_steps = 0 or coalesce(kept.n, 0) < n_steps or (ended_at is null and time_source <> 'load') as failed,
    cast(started_at as date) as observed_on,
    started_at as observed_at,
    coalesce(
        json_extract_string(attributes, '$."service.name"'), json_extract_string(attributes, '$."telemetry.sdk.name"'),
        'traces of ' || finished.workflow
    ) || case
        when n_steps = 0 then ': nothing arrived but the run itself'
        when orphans.n > 0 then ': the parent of a span never arrived'
        when coalesce(kept.n, 0) < n_steps then ': steps that arrived are gone'
        when ended_at is null and time_source <> 'load' then ': still open a day after the start'
        else ': whole'
    end as why,
    cast(coalesce(orphans.n, 0) + 1 as double) as weight,
    case when is_flat then 'no span names its parent, so a span that never arrived cannot be missed.' end as unmeasured
from finished
left join trees on trees.workflow = finished.workflow
left join orphans on orphans.run_id = finished.run_id
left join kept on kept.run_id = finished.run_id
