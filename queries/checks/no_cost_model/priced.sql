-- id: COST-1
-- title: Is every billable step priced?
-- gate: no
-- estimator: share
-- limits: 0.98 / 0.90 from 100
-- limit_kind: policy
-- good: high
-- unit: model calls
-- fix: Add the model to the price table; an unknown model is unpriced, never free: {evidence}.
-- owner: finance and engineering
select
    workflow,
    run_id,
    step_id,
    cost_usd is null or (cost_source = 'priced' and price_version is null) as failed,
    cast(run_started_at as date) as observed_on,
    coalesce(started_at, run_started_at) as observed_at,
    coalesce(model, 'unknown model') || case
        when cost_usd is null then ': no price'
        when cost_source = 'priced' and price_version is null then ': priced by an unknown price list'
        else ': priced'
    end as why,
    cast(coalesce(input_tokens, 0) + coalesce(output_tokens, 0) + 1 as double) as weight
from steps
where kind = 'llm' and run_started_at > $since and run_started_at <= $as_of
    and stage not in ('test', 'replay') and coalesce(agent, '') <> 'user_simulator'
