-- title: Which models have calls without a price?
-- returns: model varchar, provider varchar, calls bigint, input_tokens bigint, output_tokens bigint, first_day date,
--   last_day date
-- about: Model calls whose cost nobody states and no price list gives; null tokens were not recorded. Left out are
--   calls that the provider refused, which cost nothing, simulated users, tests and replays.
select
    coalesce(model, response_model) as model,
    provider,
    count(*) as calls,
    cast(sum(input_tokens) as bigint) as input_tokens,
    cast(sum(output_tokens) as bigint) as output_tokens,
    cast(min(run_started_at) as date) as first_day,
    cast(max(run_started_at) as date) as last_day
from steps
where kind = 'llm' and cost_usd is null and repeats_usage is null
    and run_started_at >= $since and run_started_at < $until
    and stage not in ('test', 'replay') and agent is distinct from 'user_simulator'
    and (status <> 'error' or coalesce(error_class, '') not in ('rate_limit', 'auth', 'not_found'))
group by coalesce(model, response_model), provider
order by calls desc, model, provider
