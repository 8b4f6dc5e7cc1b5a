-- title: Which model and which kind of charge cost what?
-- returns: provider varchar, model varchar, category varchar, cost_usd double,
--   input_tokens bigint, output_tokens bigint, lines bigint
-- about: Amounts from the record that counts; tokens are those traced for the model in the window.
with best as (
    select day, provider, min(rank) as rank
    from rollup_costs
    where cost_usd is not null
    group by day, provider
),
shared as (
    select day, provider, min(rank) as rank
    from rollup_costs
    where workflow is not null and cost_usd is not null
    group by day, provider
),
counted as (
    select costs.provider, costs.model, costs.category, costs.cost_usd, costs.lines
    from rollup_costs as costs
    join best on best.day = costs.day and best.provider = costs.provider and best.rank = costs.rank
    where $workflow is null and costs.day >= $since and costs.day < $until
    union all
    select costs.provider, costs.model, costs.category, costs.cost_usd, costs.lines
    from rollup_costs as costs
    join shared on shared.day = costs.day and shared.provider = costs.provider and shared.rank = costs.rank
    where $workflow is not null and workflow is not null and ($workflow is null or workflow in (select unnest($workflow::varchar[])))
        and costs.day >= $since and costs.day < $until
),
totals as (
    select provider, model, category, sum(cost_usd) as cost_usd, cast(sum(lines) as bigint) as lines
    from counted
    group by provider, model, category
),
tokens as (
    select model, cast(sum(input_tokens) as bigint) as input_tokens,
        cast(sum(output_tokens) as bigint) as output_tokens
    from rollup_steps
    where grain = 'day' and kind = 'llm' and period_at >= $since and period_at < $until
        and ($workflow is null or workflow in (select unnest($workflow::varchar[])))
    group by model
)
select
    provider,
    totals.model,
    category,
    cost_usd,
    case when category in ('llm', 'llm_input') then input_tokens end as input_tokens,
    case when category in ('llm', 'llm_output') then output_tokens end as output_tokens,
    lines
from totals
left join tokens on tokens.model = totals.model
order by cost_usd desc nulls last, provider, totals.model, category
