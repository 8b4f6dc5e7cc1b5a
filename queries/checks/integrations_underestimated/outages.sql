-- id: INT-7
-- title: When a system is down, does the agent degrade gracefully?
-- gate: production
-- estimator: share
-- limits: 0.90 / 0.50 from 10
-- limit_kind: policy
-- good: high
-- unit: runs that met an outage or a fault injection
-- needs: steps.tool (kind=tool), steps.started_at (kind=tool)
-- hint: Inject a fault once and load it as a drill of kind fault_injection with its tool, start and end.
-- fix: Add a fallback step, park and resume, or a breaker: {evidence}.
-- owner: engineering
-- uses: attempts, calls
-- about: A tool is down while at least five of ten successive calls of it fail for good; a drill of kind
--   fault_injection counts from its start to its end, or an hour. Counted are runs that lost a call to it.
--   Graceful is a declared exception step or the declared fallback after that, a hand-over to a person, or an
--   end as parked. A run that someone later found incorrect was not: a fast wrong answer is no fallback.
with rolling as (
    select *,
        count(*) over last_ten = 10 and sum(case when failed then 1 else 0 end) over last_ten >= 5 as is_down
    from calls
    where started_at is not null
    window last_ten as (
        partition by workflow, tool order by started_at, run_id, seq, step_id rows between 9 preceding and current row
    )
),
spread as (
    select *,
        bool_or(is_down) over (
            partition by workflow, tool order by started_at, run_id, seq, step_id
            rows between current row and 9 following
        ) as met_outage
    from rolling
),
lost as (
    select workflow, run_id, tool, seq from spread where failed and met_outage
    union all
    select steps.workflow, run_id, steps.tool, seq
    from steps
    join drills
        on drills.workflow = steps.workflow and drills.kind = 'fault_injection'
        and coalesce(drills.tool, steps.tool) = steps.tool
        and started_at between drills.ran_at and coalesce(drills.ended_at, drills.ran_at + interval 1 hour)
    where steps.kind = 'tool' and (status = 'error' or in_band_error) and coalesce(error_class, '') <> 'business'
        and run_started_at > $since and run_started_at <= $as_of
),
met as (
    select *
    from lost
    qualify row_number() over (partition by run_id order by seq, tool) = 1
),
exits as (
    select workflow, to_step as step from workflow_paths
    union select workflow, to_step from workflow_edges where is_exception
    union select workflow, fallback from workflows where fallback is not null
),
after as (
    select
        steps.run_id,
        max(case when exits.step is not null then steps.name end) as fallback,
        max(case when kind = 'human' and (handoff_to is not null or is_last) then name end) as person
    from (
        select *, row_number() over (partition by run_id order by seq desc, step_id desc) = 1 as is_last
        from steps
        where run_id in (select run_id from met) and run_started_at > $since and run_started_at <= $as_of
    ) as steps
    join met on met.run_id = steps.run_id and steps.seq > met.seq
    left join exits
        on exits.workflow = steps.workflow and exits.step in (steps.step, steps.name, steps.tool, steps.handoff_to)
    group by steps.run_id
),
judged as (
    select
        runs.workflow, runs.run_id, runs.started_at, met.tool,
        case
            when runs.run_id in (select run_id from feedback where verdict = 'incorrect') then null
            when lower(termination_reason) in (
                'parked', 'deferred', 'queued', 'handed_over', 'handover', 'escalated', 'fallback'
            ) then 'ended as ' || termination_reason
            when fallback is not null then 'fell back to ' || fallback
            when person is not null then 'handed over to a person by ' || person
        end as way_out,
        coalesce(termination_reason, status) as ending
    from met
    join runs on runs.run_id = met.run_id
    left join after on after.run_id = met.run_id
    where ended_at is not null or started_at <= $as_of::timestamp - interval 24 hour
)
select
    workflow,
    run_id,
    cast(null as varchar) as step_id,
    way_out is null as failed,
    cast(started_at as date) as observed_on,
    started_at as observed_at,
    tool || ': down, ' || coalesce(way_out, 'no way out was taken, the run ended as ' || ending) as why,
    1.0 as weight
from judged
