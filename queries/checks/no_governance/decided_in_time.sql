-- id: GOV-7
-- title: Do approvers keep up?
-- gate: no
-- estimator: share
-- limits: 0.95 / 0.80 from 20
-- limit_kind: policy
-- good: high
-- unit: requests whose time was up or that were decided
-- applies: workflow_approvals
-- unless: No action of this workflow is declared to need approval.
-- needs: approvals
-- hint: Load approvals (requested_at, decided_at, decision), and declare sla_h for every action that needs one.
-- fix: Add a second approver, or raise the limit below which nobody is asked: {evidence}.
-- owner: security
-- uses: requests
-- about: Decided by a person within sla_h. A request that expired is a miss, whoever let it; one that still
--   waits within its time is left out. Passing rows give the median wait (Kaplan-Meier), those still
--   waiting counted as waiting so far.
with asked as (
    select
        *,
        date_diff('second', requested_at, coalesce(decided_at, $as_of::timestamp)) / 3600.0 as waited_h,
        coalesce(decision in ('approved', 'edited', 'rejected') and decider_type = 'human', false) as is_decided,
        coalesce(decision = 'expired', false) as is_expired,
        bool_or(sla_h is not null) over (partition by workflow) as has_sla
    from requests
    where not is_seeded_test and (decision is null or decision = 'expired' or decider_type = 'human')
),
placed as (
    select
        *,
        count(*) over (partition by workflow)
            - row_number() over (partition by workflow order by waited_h, is_decided desc, run_id, action) + 1 as waiting
    from asked
),
survived as (
    select
        workflow, waited_h,
        sum(case when not is_decided then 0 when waiting = 1 then -99 else ln(1 - 1.0 / waiting) end) over (
            partition by workflow order by waiting desc rows between unbounded preceding and current row
        ) as log_share
    from placed
),
medians as (
    select workflow, min(waited_h) as median_h
    from survived
    where log_share <= ln(0.5) + 1e-9
    group by workflow
)
select
    asked.workflow,
    run_id,
    step_id,
    not (is_decided and decided_at is not null and waited_h <= sla_h) as failed,
    cast(requested_at as date) as observed_on,
    requested_at as observed_at,
    action || case
        when is_expired then ': expired undecided'
        when is_decided and decided_at is null then ': decided at a time nobody recorded'
        when is_decided and waited_h > sla_h then ': decided after ' || cast(round(waited_h, 1) as varchar) || ' h of '
            || cast(sla_h as varchar)
        when is_decided then ': decided in time; half are decided within '
            || coalesce(cast(round(median_h, 1) as varchar) || ' h', 'no time seen yet')
        else ': still waiting after ' || cast(round(waited_h, 1) as varchar) || ' h of ' || cast(sla_h as varchar)
    end as why,
    waited_h as weight,
    case when not has_sla then 'no action declares sla_h.' end as unmeasured
from asked
left join medians on medians.workflow = asked.workflow
where not has_sla or (sla_h is not null and (is_decided or is_expired or waited_h > sla_h))
