-- id: FB-3
-- title: Is feedback triaged in time?
-- gate: pilot
-- estimator: survival
-- limits: 0.10 / 0.30 from 20
-- limit_kind: policy
-- unit: flags
-- needs: feedback
-- hint: Load feedback, and triage (feedback_id, triaged_at, triaged_by).
-- fix: Put triage on a rota and assign by category: {evidence}.
-- owner: product owner
-- uses: opinions
-- about: Kaplan-Meier share still untriaged after feedback_sla_days (else five), open flags counted
--   as waiting so far, however old they are: an average of closed ones looks good while the backlog
--   grows. A flag is what a user or a downstream system reported as not correct.
with flags as (
    select
        opinions.workflow,
        run_id,
        step_id,
        created_at,
        coalesce(category, name) as subject,
        triaged_at is not null and triaged_at <= $as_of as ended,
        date_diff('second', created_at, least(coalesce(triaged_at, $as_of::timestamp), $as_of::timestamp)) / 86400.0
            as waited_days,
        cast(coalesce(workflows.feedback_sla_days, 5) as double) as sla_days
    from opinions
    left join workflows on workflows.workflow = opinions.workflow
    where opinions.source in ('end_user', 'downstream')
        and (triaged_at is not null or verdict is distinct from 'correct')
)
select
    workflow,
    run_id,
    step_id,
    waited_days > sla_days as failed,
    cast(created_at as date) as observed_on,
    created_at as observed_at,
    subject || case when ended then ': triaged after ' else ': waiting for ' end
        || cast(round(waited_days, 1) as varchar) || ' days' as why,
    waited_days as weight,
    waited_days as amount,
    sla_days as horizon,
    ended
from flags
where created_at > $since or not ended
