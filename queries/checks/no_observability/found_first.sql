-- id: OBS-8
-- title: Who finds failures first, the system or the customer?
-- gate: pilot
-- estimator: share
-- limits: 0.10 / 0.30 from 20
-- limit_kind: policy
-- unit: failed runs
-- fix: Turn the commonest into a post-condition that an evaluator or an alert checks: {evidence}. Green needs sampled reviews too (FB-1).
-- owner: engineering
-- beside: FB-1
-- uses: finished, opinions, reviews
-- about: A failure is silent when the run ended without an error and no evaluator, alert or downstream
--   record told of it before the first person did. Where few flags come in few silent failures are
--   known, so without sampled reviews it is never green. An alert counts until a day after the run.
with failures as (select * from finished where outcome = 'failure'),
said as (
    select run_id,
        min(case when source in ('end_user', 'reviewer', 'sampled_review', 'unknown') then created_at end) as by_person_at,
        min(case when source in ('evaluator', 'downstream') and verdict <> 'correct' then created_at end) as by_system_at,
        min(category) as category
    from opinions
    where verdict is distinct from 'correct'
    group by run_id
),
votes as (
    select run_id, min(coalesce(voted_at, cast('9999-12-31' as timestamp))) as voted_at
    from outcome_votes
    where source in ('evaluator', 'downstream') and outcome in ('failure', 'partial')
    group by run_id
),
alerted as (
    select failures.run_id, min(alerts.fired_at) as fired_at
    from failures
    join alerts on alerts.workflow = failures.workflow
        and alerts.fired_at >= failures.started_at
        and alerts.fired_at <= coalesce(failures.ended_at, failures.started_at) + interval 24 hour
    where alerts.was_actionable is distinct from false
    group by failures.run_id
),
judged as (
    select
        failures.workflow,
        failures.run_id,
        failures.started_at,
        coalesce(said.category, failures.error_class, failures.channel, 'failed run') as subject,
        failures.status in ('ok', 'unknown') as is_quiet,
        said.by_person_at,
        least(said.by_system_at, votes.voted_at, alerted.fired_at) as by_system_at
    from failures
    left join said on said.run_id = failures.run_id
    left join votes on votes.run_id = failures.run_id
    left join alerted on alerted.run_id = failures.run_id
)
select
    workflow,
    run_id,
    cast(null as varchar) as step_id,
    coalesce(is_quiet and (by_system_at is null or by_system_at > by_person_at), false) as failed,
    cast(started_at as date) as observed_on,
    started_at as observed_at,
    subject || case
        when not is_quiet then ': the run reported that it failed'
        when by_system_at is null then ': nothing in the system told of it'
        when by_system_at > by_person_at then ': a person told of it before the system did'
        else ': the system told of it first'
    end as why,
    case when by_person_at is null then 1.0 else 2.0 end as weight,
    workflow not in (select workflow from reviews) as held
from judged
