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
--   turns or recursion. A missing end counts only where the run never finished: as silence a day after it
--   began, or at once where two agents were each last seen waiting for the other.
with team as (
    select run_id, workflow, started_at, ended_at, status, termination_reason
    from runs
    where started_at > $since and started_at <= $as_of and stage not in ('test', 'replay')
        and time_source <> 'load'
        and workflow in (select workflow from runs where architecture = 'multi' or n_agents > 1)
),
spans as (
    select steps.run_id, steps.step_id, steps.parent_step_id, steps.kind, steps.started_at, steps.ended_at,
        steps.agent, steps.handoff_to, steps.seq, steps.depth, steps.error_type
    from steps
    join team on team.run_id = steps.run_id
    where steps.run_started_at > $since and steps.run_started_at <= $as_of
),
parents as (select distinct run_id, parent_step_id as step_id from spans where parent_step_id is not null),
leaves as (
    select spans.run_id, spans.started_at, spans.ended_at, spans.kind = 'human' as is_wait
    from spans
    left join parents on parents.run_id = spans.run_id and parents.step_id = spans.step_id
    where parents.step_id is null and spans.started_at is not null
    union all
    select run_id, requested_at, decided_at, true
    from approvals
    where run_id in (select run_id from team)
),
opened as (
    select run_id, max(case when ended_at is null then 1 else 0 end) as has_open_end,
        max(case when ended_at is null and is_wait then 1 else 0 end) as waits_for_person,
        date_diff('millisecond', max(coalesce(ended_at, started_at)), $as_of::timestamp) / 1000.0 as silent_s
    from leaves
    group by run_id
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
last_seen as (
    select run_id, agent, handoff_to
    from spans
    where agent is not null
    qualify row_number() over (partition by run_id, agent order by seq desc, step_id desc) = 1
),
locked as (
    select one.run_id, min(one.agent || ' and ' || other.agent) as pair
    from last_seen as one
    join last_seen as other
        on other.run_id = one.run_id and other.agent = one.handoff_to and other.handoff_to = one.agent
        and one.agent < other.agent
    group by one.run_id
),
endings as (
    select run_id, termination_reason as reason from team where termination_reason is not null
    union all
    select run_id, error_type from spans where depth = 0 and error_type is not null
),
limited as (
    select run_id, max(reason) as reason
    from endings
    where regexp_replace(lower(reason), '[^a-z]', '', 'g') in (
        'maxsteps', 'maxturns', 'maxiterations', 'maxrounds', 'steplimit', 'turnlimit', 'iterationlimit',
        'recursionlimit', 'toomanysteps', 'maxstepsexceeded', 'maxstepsreached', 'maxturnsexceeded', 'maxturnsreached',
        'maxiterationsexceeded', 'maxiterationsreached', 'recursionlimitexceeded', 'recursionlimitreached',
        'recursionerror', 'graphrecursionerror'
    )
    group by run_id
),
judged as (
    select
        team.workflow,
        team.run_id,
        team.started_at,
        limited.reason,
        locked.pair,
        case when gap_s > limit_s and (has_open_end = 0 or team.ended_at is null) then gap_s end as idle_s,
        case when team.ended_at is null and status in ('running', 'unknown') and silent_s > limit_s
            and waits_for_person = 0
            and (pair is not null or team.started_at <= $as_of::timestamp - interval 24 hour)
            then silent_s end as silent_s
    from team
    left join opened on opened.run_id = team.run_id
    left join longest on longest.run_id = team.run_id
    left join (
        select names.workflow, coalesce(workflows.idle_limit_s, greatest(300, 5 * coalesce(usual.p99_s, 0))) as limit_s
        from (select distinct workflow from team) as names
        left join usual on usual.workflow = names.workflow
        left join workflows on workflows.workflow = names.workflow
    ) as limits on limits.workflow = team.workflow
    left join limited on limited.run_id = team.run_id
    left join locked on locked.run_id = team.run_id
)
select
    workflow,
    run_id,
    cast(null as varchar) as step_id,
    reason is not null or idle_s is not null or silent_s is not null as failed,
    cast(started_at as date) as observed_on,
    started_at as observed_at,
    case
        when reason is not null then reason || ': the run ended on this limit'
        when silent_s is not null and pair is not null then pair || ': each waits for the other'
        when idle_s is not null
            then 'idle for ' || cast(cast(round(idle_s) as bigint) as varchar) || ' s: nothing worked'
        when silent_s is not null then 'silent: no end and nothing for '
            || cast(cast(round(silent_s) as bigint) as varchar) || ' s'
        else 'no stall'
    end as why,
    coalesce(idle_s, silent_s, 0) as weight
from judged
