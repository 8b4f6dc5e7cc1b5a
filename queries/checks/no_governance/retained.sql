-- id: GOV-5
-- title: Are the logs kept long enough, and can they be fetched?
-- gate: pilot
-- estimator: shortfall
-- limits: 0 / 0.10
-- limit_kind: src
-- unit: oldest runs opened
-- needs: workflows by workflow
-- hint: Load runs with their own times, steps and bodies, and declare production_since and retention_days.
-- fix: Set retention and the export job before more is lost: {evidence}.
-- owner: security
-- about: Days the oldest run is short of six months (AI Act, articles 19 and 26) or retention_days, if longer,
--   but never more than since production began; a workflow in production that does not say when is asked
--   for all of it, a pilot for none. Up to twenty runs of the oldest month are opened: every step must be
--   there, and every input and output that was recorded. A run deleted on purpose leaves a tombstone.
with kept as (
    select run_id, workflow, stage, started_at, n_steps, min(started_at) over (partition by workflow) as oldest_at,
        row_number() over (partition by workflow order by started_at, run_id) as age_place
    from runs
    where stage not in ('test', 'replay') and time_source <> 'load' and started_at <= $as_of
),
staged as (
    select workflow, stage, row_number() over (partition by workflow order by count(*) desc, stage) as place
    from kept
    group by workflow, stage
),
duties as (
    select
        staged.workflow,
        least(
            greatest(183, coalesce(declared.retention_days, 0)),
            coalesce(
                date_diff('day', declared.production_since, cast($as_of as date)),
                case when coalesce(declared.stage, staged.stage) in ('limited', 'production') then 99999 else 0 end
            )
        ) as days
    from staged
    left join workflows as declared on declared.workflow = staged.workflow
    where staged.place = 1
),
sampled as (
    select *
    from kept
    where started_at < oldest_at + interval 30 day
    qualify row_number() over (partition by workflow order by md5(run_id), run_id) <= 20
),
bodies as (
    select
        steps.run_id,
        count(*) as steps,
        count(*) filter (where has_input and payloads.input is null or has_output and payloads.output is null) as gone
    from steps
    join sampled on sampled.run_id = steps.run_id and sampled.started_at = steps.run_started_at
    left join payloads
        on payloads.run_id = steps.run_id and payloads.step_id = steps.step_id
        and payloads.run_started_at = steps.run_started_at
    group by steps.run_id
),
opened as (
    select
        sampled.*,
        coalesce(bodies.steps, 0) as found,
        coalesce(bodies.gone, 0) as gone,
        sampled.run_id in (select run_id from tombstones) as is_deleted
    from sampled
    left join bodies on bodies.run_id = sampled.run_id
)
select
    kept.workflow,
    kept.run_id,
    cast(null as varchar) as step_id,
    date_diff('day', cast(started_at as date), cast($as_of as date)) < days as failed,
    cast(started_at as date) as observed_on,
    started_at as observed_at,
    'oldest run: ' || cast(date_diff('day', cast(started_at as date), cast($as_of as date)) as varchar)
        || ' days old, ' || cast(cast(days as bigint) as varchar) || ' days are to be kept' as why,
    cast(days as double) as weight,
    cast(days - date_diff('day', cast(started_at as date), cast($as_of as date)) as double) as amount
from kept
join duties on duties.workflow = kept.workflow
where age_place = 1
union all
select
    workflow,
    run_id,
    cast(null as varchar),
    not is_deleted and (found < n_steps or found = 0 or gone > 0),
    cast(started_at as date),
    started_at,
    'a run of the oldest month: ' || case
        when is_deleted then 'deleted on purpose, with a tombstone'
        when found < n_steps or found = 0 then 'steps are gone'
        when gone > 0 then 'inputs or outputs are gone'
        else 'opened end to end'
    end,
    1.0,
    cast('nan' as double)
from opened
