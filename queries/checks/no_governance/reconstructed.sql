-- id: GOV-4
-- title: Can every consequential action be reconstructed?
-- gate: pilot
-- limited_gate: green
-- estimator: share
-- limits: 0.99 / 0.95 from 30
-- limit_kind: policy
-- good: high
-- unit: writes
-- needs: steps.side_effect (kind=tool)
-- hint: Declare the side effect of allowed tools, or set pilot.side_effect on tool spans.
-- fix: Set the attribute on the span, such as pilot.principal or pilot.authority: {evidence}.
-- owner: engineering
-- uses: granted
-- about: Executed steps that write or act outside, with credential, input, output or status, time, version of
--   the agent, and authority: as recorded, an approval, or a listed tool whose call the declaration asks no
--   approval for. One credential for more than 95 % of the writes of several agents says little about who
--   acted, and keeps it from green.
with rules as (
    select distinct named.workflow, named.tool
    from (
        select distinct workflow, tool
        from steps
        where kind = 'tool' and run_started_at > $since and run_started_at <= $as_of
    ) as named
    join granted
        on granted.workflow = named.workflow and named.tool like granted.pattern escape '!' and not granted.is_wildcard
),
approved as (
    select distinct run_id, coalesce(step_id, action) as subject
    from approvals
    where decision in ('approved', 'edited')
),
writes as (
    select
        steps.*,
        steps.agent is null and runs.n_agents > 1 as is_by_unknown,
        coalesce(steps.authority, rules.tool, approved.subject) as allowed_by
    from steps
    join runs on runs.run_id = steps.run_id
    left join rules on rules.workflow = steps.workflow and rules.tool = steps.tool and not steps.is_gated
    left join approved on approved.run_id = steps.run_id
        and approved.subject in (steps.step_id, coalesce(steps.tool, steps.name))
    where steps.side_effect in ('write', 'external') and coalesce(steps.is_executed, true)
        and steps.stage not in ('test', 'replay') and coalesce(steps.agent, '') <> 'user_simulator'
        and steps.run_started_at > $since and steps.run_started_at <= $as_of
),
judged as (
    select
        *,
        case when principal is null then ', principal' else '' end
            || case when not has_input then ', input' else '' end
            || case when not has_output and status = 'unset' then ', output or status' else '' end
            || case when started_at is null then ', time' else '' end
            || case when version is null then ', agent version' else '' end
            || case when allowed_by is null then ', authority' else '' end as lacking
    from writes
),
by_principal as (
    select workflow, principal, count(*) as n, count(distinct agent) > 1 or bool_or(is_by_unknown) as is_shared
    from judged
    where principal is not null
    group by workflow, principal
),
commonest as (
    select *, sum(n) over (partition by workflow) as writes
    from by_principal
    qualify row_number() over (partition by workflow order by n desc, principal) = 1
)
select
    judged.workflow,
    run_id,
    step_id,
    lacking <> '' as failed,
    cast(run_started_at as date) as observed_on,
    coalesce(started_at, run_started_at) as observed_at,
    coalesce(tool, name) || case
        when lacking <> '' then ': lacks' || substr(lacking, 2)
        when is_shared and n > 0.95 * writes then ': complete, but ' || commonest.principal || ' acts for several agents'
        else ': complete'
    end as why,
    cast(length(lacking) - length(replace(lacking, ',', '')) as double) as weight,
    coalesce(is_shared and n > 0.95 * writes, false) as held
from judged
left join commonest on commonest.workflow = judged.workflow
