-- id: COST-8
-- title: Can one run run away?
-- gate: no
-- estimator: runaway
-- limits: 0.5 / 1 from 20
-- limit_kind: policy
-- unit: runs
-- needs: workflows by workflow
-- hint: Declare budget.per_run_cap and risk.
-- fix: Cap tokens, steps and time at the gateway: {evidence}.
-- owner: finance and engineering
-- uses: billable, run_costs
-- about: Share of spend in the dearest 5 % of runs, or of cases where work is split into runs. No cap
--   declared is amber, at high or undeclared risk red; a run above the cap is red at any number.
with repeats as (
    select run_id, count(*) as calls
    from steps
    where kind in ('llm', 'tool') and input_hash is not null and coalesce(agent, '') <> 'user_simulator'
        and run_started_at > $since and run_started_at <= $as_of
    group by run_id, tool, input_hash, input_tokens
),
again as (select run_id, sum(calls - 1) as calls from repeats group by run_id),
ranked as (
    select run_costs.*, per_run_cap_usd as cap, coalesce(risk, 'high') = 'high' as is_high,
        median(run_costs.cost_usd) over (partition by run_costs.workflow) as median_usd,
        row_number() over (partition by run_costs.workflow order by run_costs.cost_usd desc, run_costs.run_id)
            <= 0.05 * count(*) over (partition by run_costs.workflow) as is_dear
    from run_costs
    join workflows on workflows.workflow = run_costs.workflow
    where run_costs.cost_usd is not null or unknown_cost is not null
)
select
    workflow,
    ranked.run_id,
    cast(null as varchar) as step_id,
    coalesce(cost_usd > cap, false) or is_dear as failed,
    cast(started_at as date) as observed_on,
    started_at as observed_at,
    case
        when cost_usd > cap then 'above the cap of $' || cast(cap as varchar)
        when cap is null and is_dear then 'no cap declared, one of the dearest 5 %'
        when is_dear then 'one of the dearest 5 %'
        else 'within the cap or not among the dearest' end
        || ': $' || printf('%.4f', cost_usd)
        || coalesce(', ' || printf('%.1f', cost_usd / nullif(median_usd, 0)) || ' times the median', '')
        || case when again.calls > 0 then ', ' || cast(again.calls as varchar) || ' calls repeated' else '' end as why,
    cost_usd as weight,
    cost_usd as amount,
    coalesce(case_id, ranked.run_id) as subject,
    cap,
    is_high,
    unknown_cost as unmeasured
from ranked
left join again on again.run_id = ranked.run_id
