-- id: GOV-3
-- title: Does the agent hold more tools than it uses?
-- gate: no
-- estimator: census
-- limits: 0.10 / 0.30 from 100
-- limit_kind: policy
-- unit: granted tools
-- exposed: finished runs
-- window: 30
-- needs: workflow_tools by workflow, steps.tool (kind=tool)
-- hint: List the tools the workflow may use under allowed_tools, by name; a list of `*` shows nothing.
-- fix: Revoke what nobody uses, what writes first: {evidence}.
-- owner: security
-- uses: finished, granted
-- about: Least agency (OWASP): tools granted, but not used in 30 days and 100 runs. A tool for emergencies
--   (break_glass) is rare by design and is asked for an approval rule instead.
with exposed as (select workflow, count(*) as runs from finished group by workflow),
used as (
    select distinct workflow, tool
    from steps
    where kind = 'tool' and tool is not null and coalesce(is_executed, true)
        and stage not in ('test', 'replay') and coalesce(agent, '') <> 'user_simulator'
        and run_started_at > $since and run_started_at <= $as_of
),
grants as (
    select
        granted.workflow, granted.tool, max(side_effect) as side_effect,
        bool_or(coalesce(break_glass, false)) as is_rare,
        bool_or(rules.action is not null) as has_rule,
        bool_or(used.tool is not null) as is_used
    from granted
    left join used on used.workflow = granted.workflow and used.tool like granted.pattern escape '!'
    left join workflow_approvals as rules on rules.workflow = granted.workflow and rules.action = granted.tool
    where not is_wildcard
    group by granted.workflow, granted.tool
),
judged as (select *, case when is_rare then not has_rule else not is_used end as is_idle from grants)
select
    judged.workflow,
    cast(null as varchar) as run_id,
    cast(null as varchar) as step_id,
    is_idle as failed,
    cast($as_of as date) as observed_on,
    cast(null as timestamp) as observed_at,
    tool || case
        when is_idle and is_rare then ': for emergencies, but needs no approval'
        when is_idle then ': never used in 30 days'
        when is_rare then ': for emergencies, with an approval rule'
        else ': used'
    end || coalesce(', side effect ' || side_effect, ', side effect unknown') as why,
    case when side_effect in ('none', 'read') then 1.0 else 2.0 end as weight,
    case when is_idle then 1.0 else 0.0 end as filled,
    1.0 as counted,
    cast(coalesce(runs, 0) as double) as exposure,
    cast(null as varchar) as unmeasured
from judged
left join exposed on exposed.workflow = judged.workflow
union all
select distinct workflow, null, null, false, cast($as_of as date), null, '*: everything is granted', 0.0, 0.0, 1.0, 0.0,
    'the allow-list is a wildcard.'
from granted
where is_wildcard
