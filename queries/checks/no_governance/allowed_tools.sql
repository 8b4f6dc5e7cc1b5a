-- id: GOV-2
-- title: Did an agent use a tool or scope outside its list?
-- gate: pilot
-- estimator: zero
-- limits: 0 / 0 from 30
-- limit_kind: policy
-- unit: executed tool steps
-- needs: workflow_tools by workflow, steps.tool (kind=tool)
-- hint: List the tools the workflow may use under allowed_tools, by name; a list of `*` shows nothing.
-- fix: Deny by default at the gateway and take the tool out of what is offered: {evidence}.
-- owner: security
with named as (
    select workflow, tool, scope
    from workflow_tools
    where workflow not in (select workflow from workflow_tools where tool = '*')
),
executed as (
    select workflow, run_id, step_id, tool, scope, started_at, run_started_at
    from steps
    where kind = 'tool' and tool is not null and coalesce(is_executed, status <> 'error')
        and stage not in ('test', 'replay') and coalesce(agent, '') <> 'user_simulator'
        and run_started_at > $since and run_started_at <= $as_of
        and workflow in (select workflow from named)
),
used as (select distinct workflow, tool, scope from executed),
permitted as (
    select
        used.workflow,
        used.tool,
        used.scope,
        max(case when named.tool is not null then 1 else 0 end) as is_listed,
        max(case when named.tool is not null
            and (named.scope is null or used.scope is null or named.scope = used.scope) then 1 else 0 end)
            as is_allowed
    from used
    left join named on named.workflow = used.workflow and used.tool like replace(named.tool, '*', '%')
    group by used.workflow, used.tool, used.scope
)
select
    executed.workflow,
    run_id,
    step_id,
    is_allowed = 0 as failed,
    cast(run_started_at as date) as observed_on,
    coalesce(started_at, run_started_at) as observed_at,
    executed.tool || case
        when is_allowed = 1 then ': on the list'
        when is_listed = 1 then ': used with a scope that is not on the list'
        else ': not on the list of allowed tools'
    end as why,
    1.0 as weight
from executed
join permitted
    on permitted.workflow = executed.workflow and permitted.tool = executed.tool
    and coalesce(permitted.scope, '') = coalesce(executed.scope, '')
