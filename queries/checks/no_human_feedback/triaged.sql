-- id: FB-3
-- title: Is feedback triaged in time?
-- gate: pilot
-- estimator: survival
-- limits: 0.10 / 0.30 from 20
-- limit_kind: policy
-- unit: flags
-- window: 28
-- needs: feedback
-- hint: Load feedback, and triage (feedback_id, triaged_at, triaged_by).
-- fix: Put triage on a rota and assign by category: {evidence}.
-- owner: product owner
-- about: Kaplan-Meier share still untriaged after feedback_sla_days (else five), open flags counted
--   as waiting so far. A flag is what a user or a downstream system reported as not correct.
with flags as (
    select
        runs.workflow,
        feedback.run_id,
        feedback.step_id,
        feedback.created_at,
        coalesce(feedback.category, feedback.name) as subject,
        feedback.triaged_at is not null and feedback.triaged_at <= $as_of as ended,
        date_diff('second', feedback.created_at,
            least(coalesce(feedback.triaged_at, $as_of::timestamp), $as_of::timestamp)) / 86400.0 as waited_days,
        cast(coalesce(workflows.feedback_sla_days, 5) as double) as sla_days
    from feedback
    join runs on runs.run_id = feedback.run_id
    left join workflows on workflows.workflow = runs.workflow
    where feedback.source in ('end_user', 'downstream')
        and (feedback.triaged_at is not null or coalesce(feedback.verdict, 'partial') <> 'correct')
        and feedback.created_at > $since and feedback.created_at <= $as_of
        and runs.stage not in ('test', 'replay')
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
