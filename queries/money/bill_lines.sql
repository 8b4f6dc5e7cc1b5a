-- title: What does the bill say, and what do the traces of the same days?
-- returns: provider varchar, model varchar, kind varchar, first_day date, last_day date, billed_usd double,
--   billed_requests double, billed_input_tokens double, billed_output_tokens double, traced_usd double, traced_calls double,
--   traced_input_tokens double, traced_output_tokens double, untold_calls bigint
-- about: Only days of providers that have an invoice or usage export, the better of the two. `kind` is use, or the
--   kind of charge that no trace can know: credits, taxes, hosting, people. untold_calls are traced calls without
--   a price. Requests and tokens are null where the bill does not state them.
with best as (
    select provider, day, min(rank) as rank
    from rollup_costs
    where rank in (1, 2) and cost_usd is not null and day >= $since and day < $until
    group by provider, day
),
lines as (
    select costs.*, costs.rank = 6 as is_traced,
        case when category in ('llm', 'llm_input', 'llm_output', 'llm_cache', 'api') then 'use' else category end as kind
    from rollup_costs as costs
    join best on best.provider = costs.provider and best.day = costs.day
        and (costs.rank = best.rank or costs.rank = 6)
)
select provider, model, kind,
    min(day) as first_day,
    max(day) as last_day,
    sum(cost_usd) filter (where not is_traced) as billed_usd,
    sum(requests) filter (where not is_traced) as billed_requests,
    sum(input_tokens) filter (where not is_traced) as billed_input_tokens,
    sum(output_tokens) filter (where not is_traced) as billed_output_tokens,
    sum(cost_usd) filter (where is_traced) as traced_usd,
    sum(requests) filter (where is_traced) as traced_calls,
    sum(input_tokens) filter (where is_traced) as traced_input_tokens,
    sum(output_tokens) filter (where is_traced) as traced_output_tokens,
    coalesce(cast(sum(unpriced_lines) filter (where is_traced) as bigint), 0) as untold_calls
from lines
group by provider, model, kind
order by provider, kind, model
