-- id: OBS-4
-- title: Are decisions recorded with their reason?
-- gate: no
-- estimator: share
-- limits: 0.95 / 0.70 from 30
-- limit_kind: policy
-- good: high
-- unit: decisions
-- hint: Record decision, decision_value and rationale on the span that decides, or declare decision_points.
-- fix: Emit the choice and its reason where the agent decides: {evidence}.
-- owner: engineering
-- uses: decisions
-- about: Steps that decide, or that the map says decide. A stated reason is a record, not proof of the
--   true cause. Reasons of which fewer than 5 % differ are a constant text and count as none.
with texts as (
    select workflow, count(distinct rationale_hash) < 0.05 * count(*) as is_constant
    from decisions
    where has_rationale
    group by workflow
)
select
    decisions.workflow,
    run_id,
    step_id,
    decision_value is null or not has_rationale or coalesce(is_constant, false) as failed,
    cast(run_started_at as date) as observed_on,
    coalesce(started_at, run_started_at) as observed_at,
    decides || case
        when decision_value is null and not has_rationale then ': neither choice nor reason recorded'
        when decision_value is null then ': choice not recorded'
        when not has_rationale then ': reason not recorded'
        when is_constant then ': the reason is always the same text'
        else ': recorded with a stated reason'
    end as why,
    case when decision_value is null then 2.0 else 1.0 end as weight
from decisions
left join texts on texts.workflow = decisions.workflow
