-- id: GOV-2
-- title: Did an agent use a tool or scope outside its list?
-- gate: pilot
-- limited_gate: green
-- estimator: zero
-- limits: 0 / 0 from 30
-- limit_kind: policy
-- unit: executed tool steps
-- needs: workflow_tools by workflow, steps.tool (kind=tool)
-- hint: List the tools the workflow may use under allowed_tools, by name; a list of `*` shows nothing.
-- fix: Deny by default at the gateway and take the tool out of what is offered: {evidence}.
-- owner: security
-- uses: granted
-- about: A step is on the list when tool, scope and stage are. Attempts outside the list that were blocked are
--   no breach; above 1 % of a hundred tool steps they keep it from green, as something keeps trying. None
--   at all right after logging changed is no good sign either. A step that records no tool, or no scope
--   where the list names one, leaves the question open.
with attempted as (
    select
        workflow, stage, run_id, step_id, tool, scope, agent, principal, started_at, run_started_at,
        coalesce(is_executed, true) as is_executed
    from steps
    where kind = 'tool' and stage not in ('test', 'replay') and coalesce(agent, '') <> 'user_simulator'
        and run_started_at > $since and run_started_at <= $as_of
        and workflow in (select workflow from granted where not is_wildcard)
),
used as (select distinct workflow, stage, tool, scope from attempted),
permitted as (
    select
        used.*,
        bool_or(granted.tool is not null) as is_listed,
        bool_or(granted.tool is not null and coalesce(granted.stage, used.stage) = used.stage
            and (granted.scope is null or granted.scope = used.scope)) as is_allowed,
        bool_or(coalesce(granted.stage, used.stage) = used.stage and granted.scope is not null and used.scope is null)
            as is_unscoped
    from used
    left join granted on granted.workflow = used.workflow and used.tool like granted.pattern escape '!'
    group by used.workflow, used.stage, used.tool, used.scope
),
judged as (
    select
        attempted.*,
        is_listed,
        coalesce(is_allowed, false) as is_allowed,
        attempted.tool is null or (coalesce(is_unscoped, false) and not coalesce(is_allowed, false)) as is_unknown,
        is_executed and attempted.tool is not null and not coalesce(is_allowed or is_unscoped, false) as failed
    from attempted
    join permitted
        on permitted.workflow = attempted.workflow and permitted.stage = attempted.stage
        and permitted.tool is not distinct from attempted.tool
        and permitted.scope is not distinct from attempted.scope
),
counted as (
    select
        workflow, count(*) as attempts, bool_or(failed) as is_breached,
        count(*) filter (where is_executed) as executed,
        count(*) filter (where is_unknown and is_executed) as unknown,
        count(*) filter (where not is_executed and not is_allowed and not is_unknown) as blocked
    from judged
    group by workflow
)
select
    judged.workflow,
    run_id,
    step_id,
    failed,
    cast(run_started_at as date) as observed_on,
    coalesce(started_at, run_started_at) as observed_at,
    coalesce(tool, 'a tool without a name') || case
        when is_allowed then ': on the list'
        when is_unknown then ': not known whether it is on the list'
        when is_listed then ': used in a scope or stage that is not on the list'
        else ': not on the list of allowed tools'
    end || case when failed then coalesce(', by agent ' || agent, '') || coalesce(' as ' || principal, '')
        else '; ' || cast(blocked as varchar) || ' of ' || cast(attempts as varchar)
            || ' attempts were outside the list and blocked' end as why,
    1.0 as weight,
    attempts >= 100 and blocked > 0.01 * attempts as held,
    case when unknown > 0 and not is_breached
        then cast(unknown as varchar) || ' of ' || cast(executed as varchar)
            || ' tool steps record no tool, or no scope where the list names one (steps.tool, steps.scope).' end
        as unmeasured
from judged
join counted on counted.workflow = judged.workflow
where is_executed
union all
select distinct workflow, null, null, false, cast($as_of as date), null, '*: everything is allowed', 0.0, false,
    'the allow-list is a wildcard.'
from granted
where is_wildcard
