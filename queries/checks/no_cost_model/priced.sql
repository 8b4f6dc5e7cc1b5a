-- id: COST-1
-- title: Is every billable step priced?
-- gate: no
-- estimator: share
-- limits: 0.98 / 0.90 from 100
-- limit_kind: policy
-- good: high
-- unit: billable steps
-- hint: Load a price list (model, token_class, usd_per_token), or record the cost on the span.
-- fix: Add the model to the price table; an unknown model is unpriced, never free: {evidence}.
-- owner: finance and engineering
-- uses: billable
-- about: Model calls, and calls of tools that ever state a cost. Priced is a cost the source reports, or
--   one from a known price list. Cache and batch tokens at list price look covered: COST-2 judges that.
select
    workflow,
    run_id,
    step_id,
    cost_usd is null or (cost_source is distinct from 'reported' and price_version is null) as failed,
    cast(run_started_at as date) as observed_on,
    coalesce(started_at, run_started_at) as observed_at,
    subject || case
        when cost_usd is null then ': no price'
        when cost_source is distinct from 'reported' and price_version is null then ': priced by an unknown price list'
        else ': priced'
    end as why,
    cast(coalesce(input_tokens, 0) + coalesce(output_tokens, 0) + 1 as double) as weight
from billable
