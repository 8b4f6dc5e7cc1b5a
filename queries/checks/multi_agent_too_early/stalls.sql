-- id: MA-4
-- title: Do runs stall or hit the step limit?
-- gate: pilot
-- estimator: share
-- limits: 0.005 / 0.02 from 100
-- limit_kind: policy
-- unit: runs
-- applies: multi
-- unless: One agent does all the work. That is the recommended start.
-- needs: steps.started_at, steps.ended_at
-- hint: Record start and end of every span.
-- fix: Give every delegation a deadline that ends in the exception path: {evidence}.
-- owner: architecture
-- about: Nothing worked for longer than idle_limit_s (else 300 s or five times the 99th percentile
--   of gaps, whichever is more), waits for people left out; or the run ended on a limit of steps,
--   turns or recursion. Gaps beside a missing end are counted only where the run never finished.
with team as (
    select run_id, workflow, started_at, ended_at, termination_reason
    from runs
    where started_at > $since and started_at <= $as_of and stage not in ('test', 'replay')
        and time_source <> 'load'
        and workflow in (select workflow from runs where architecture = 'multi')
),
spans as (
    select steps.run_id, steps.step_id, steps.parent_step_id, steps.kind, steps.started_at, steps.ended_at
    from steps
    join team on team.run_id = steps.run_id
    where steps.run_started_at > $since and steps.run_started_at <= $as_of
),
parents as (select distinct run_id, parent_step_id as step_id from spans where parent_step_id is not null),
leaves as (
    select spans.run_id, spans.started_at, spans.ended_at
    from spans
    left join parents on parents.run_id = spans.run_id and parents.step_id = spans.step_id
    where parents.step_id is null and spans.started_at is not null
    union all
    select run_id, requested_at, decided_at
    from approvals
    where run_id in (select run_id from team)
),
opened as (
    select run_id, max(case when ended_at is null then 1 else 0 end) as has_open_end from leaves group by run_id
),
reached as (
    select run_id, started_at,
        max(coalesce(ended_at, started_at)) over (
            partition by run_id order by started_at, ended_at rows between unbounded preceding and 1 preceding
        ) as busy_until
    from leaves
),
gaps as (
    select team.workflow, reached.run_id,
        greatest(0, date_diff('millisecond', reached.busy_until, reached.started_at)) / 1000.0 as gap_s
    from reached
    join team on team.run_id = reached.run_id
    where reached.busy_until is not null
),
usual as (select workflow, quantile_cont(gap_s, 0.99) as p99_s from gaps group by workflow),
longest as (select run_id, max(gap_s) as gap_s from gaps group by run_id),
judged as (
    select
        team.workflow,
        team.run_id,
        team.started_at,
        longest.gap_s,
        longest.gap_s > coalesce(workflows.idle_limit_s, greatest(300, 5 * usual.p99_s))
            and (opened.has_open_end = 0 or team.ended_at is null) as stalled,
        coalesce(lower(team.termination_reason), '') in (
            'max_steps', 'max_turns', 'max_iterations', 'step_limit', 'turn_limit', 'recursion_limit',
            'iteration_limit', 'max_rounds', 'too_many_steps'
        ) as limited,
        team.termination_reason
    from team
    left join opened on opened.run_id = team.run_id
    left join longest on longest.run_id = team.run_id
    left join usual on usual.workflow = team.workflow
    left join workflows on workflows.workflow = team.workflow
)
select
    workflow,
    run_id,
    cast(null as varchar) as step_id,
    coalesce(stalled, false) or limited as failed,
    cast(started_at as date) as observed_on,
    started_at as observed_at,
    case
        when limited then termination_reason || ': the run ended on this limit'
        when stalled then 'idle for ' || cast(cast(round(gap_s) as bigint) as varchar) || ' s: nothing worked'
        else 'no stall'
    end as why,
    coalesce(gap_s, 0) as weight
from judged
