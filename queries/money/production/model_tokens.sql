-- title: Which tokens of which class did each workflow's model calls use, and what did they cost?
-- returns: workflow varchar, model varchar, provider varchar, calls bigint, told_calls bigint, cost_usd double,
--   uncached_tokens bigint, cache_read_tokens bigint, cache_write_tokens bigint, output_tokens bigint
-- about: Without tests, replays, simulated users and calls that repeat the usage of others. Cost and tokens are those
--   of the `told_calls`, which have both.
with called as (
    select workflow, coalesce(model, response_model) as model, provider, cost_usd, input_tokens,
        coalesce(cache_read_tokens, 0) as cache_read_tokens, coalesce(cache_write_tokens, 0) as cache_write_tokens,
        coalesce(output_tokens, 0) as output_tokens, cost_usd is not null and input_tokens is not null as is_told
    from steps
    where kind = 'llm' and repeats_usage is null and stage not in ('test', 'replay')
        and agent is distinct from 'user_simulator' and run_started_at > $since and run_started_at <= $as_of
        and ($workflow is null or workflow in (select unnest($workflow::varchar[])))
)
select workflow, model, provider, count(*) as calls, count(*) filter (where is_told) as told_calls,
    round(sum(cost_usd) filter (where is_told), 9) as cost_usd,
    cast(sum(input_tokens - cache_read_tokens - cache_write_tokens) filter (where is_told) as bigint) as uncached_tokens,
    cast(sum(cache_read_tokens) filter (where is_told) as bigint) as cache_read_tokens,
    cast(sum(cache_write_tokens) filter (where is_told) as bigint) as cache_write_tokens,
    cast(sum(output_tokens) filter (where is_told) as bigint) as output_tokens
from called
group by workflow, model, provider
order by workflow, model, provider
