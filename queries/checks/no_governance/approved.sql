-- id: GOV-1
-- title: Did any action that needs approval run without one?
-- gate: pilot
-- limited_gate: green
-- estimator: zero
-- limits: 0 / 0 from 30
-- limit_kind: policy
-- unit: gated actions
-- applies: workflow_approvals
-- unless: No action of this workflow is declared to need approval.
-- needs: workflows by workflow, approvals
-- hint: Load approvals (action, decided_at, decision, decider_type, payload_hash).
-- fix: Enforce approval in the tool gateway, not in the prompt: {evidence}.
-- owner: security
-- about: Valid is an approval by a person, given before the action ran, for the very input it ran with. A write
--   of another tool to a resource that is called as the action (`billing.refund:17`) needs it too. A call
--   without one whose input does not say whether it needed approval leaves the question open.
with called as (
    select
        steps.workflow, steps.run_id, steps.step_id, steps.started_at, steps.run_started_at, steps.input_hash,
        coalesce(steps.tool, steps.name) as tool,
        coalesce(rules.action, steps.tool, steps.name) as action,
        steps.is_gated is null and rules.action = coalesce(steps.tool, steps.name) as is_unknown
    from steps
    left join workflow_approvals as rules
        on rules.workflow = steps.workflow
        and (rules.action = coalesce(steps.tool, steps.name)
            or (steps.side_effect in ('write', 'external') and split_part(steps.resource_key, ':', 1) = rules.action))
    where steps.kind = 'tool' and coalesce(steps.is_executed, true) and steps.stage not in ('test', 'replay')
        and steps.run_started_at > $since and steps.run_started_at <= $as_of
        and (steps.is_gated or (rules.action is not null
            and (steps.is_gated is null or rules.action <> coalesce(steps.tool, steps.name))))
    qualify row_number() over (partition by steps.run_id, steps.step_id order by rules.action) = 1
),
matched as (
    select
        called.run_id,
        called.step_id,
        case when approvals.approval_id is null then 0 else 1 end as found,
        case when approvals.decision in ('approved', 'edited') then 1 else 0 end as agreed,
        case when approvals.decider_type = 'human' then 1 else 0 end as by_person,
        case when approvals.decided_at <= coalesce(called.started_at, called.run_started_at) then 1 else 0 end as in_time,
        case when approvals.payload_hash = called.input_hash then 1 else 0 end as same_input
    from called
    left join approvals
        on approvals.run_id = called.run_id
        and (approvals.step_id = called.step_id
            or (approvals.step_id is null and approvals.action in (called.tool, called.action)))
),
judged as (
    select run_id, step_id, max(found) as found, max(agreed) as agreed,
        max(agreed * by_person) as by_person, max(agreed * by_person * in_time) as in_time,
        max(agreed * by_person * in_time * same_input) as valid
    from matched
    group by run_id, step_id
),
actions as (
    select
        called.*, found, agreed, by_person, in_time, valid,
        is_unknown and valid = 0 as is_open,
        valid = 0 and not is_unknown as failed
    from called
    join judged on judged.run_id = called.run_id and judged.step_id = called.step_id
),
counted as (
    select workflow, count(*) as calls, count(*) filter (where is_open) as open,
        bool_or(is_open) and not bool_or(failed) as is_unanswered
    from actions
    group by workflow
)
select
    actions.workflow,
    run_id,
    step_id,
    failed,
    cast(run_started_at as date) as observed_on,
    coalesce(started_at, run_started_at) as observed_at,
    tool || case
        when valid = 1 then ': approved by a person before it ran'
        when found = 0 then ': ran without any approval'
        when agreed = 0 then ': ran although approval was refused or expired'
        when by_person = 0 then ': approved by no person'
        when in_time = 0 then ': approved only after it ran'
        else ': approved for another input than it ran with'
    end as why,
    case when found = 0 or agreed = 0 then 2.0 else 1.0 end as weight,
    case when is_unanswered then cast(open as varchar) || ' of ' || cast(calls as varchar)
        || ' calls do not say in their input whether they needed approval.' end as unmeasured
from actions
join counted on counted.workflow = actions.workflow
where not is_open or is_unanswered
