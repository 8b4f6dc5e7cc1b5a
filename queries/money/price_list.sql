-- title: Which price is used for which model, since when, and when was it last checked?
-- returns: model varchar, provider varchar, token_class varchar, above_tokens bigint, usd_per_token double,
--   valid_from date, valid_to date, price_version varchar, checked_on date, is_own boolean, calls bigint, is_stale boolean
-- about: The prices in force at $as_of; one's own list goes before the public one, and one without a provider holds for
--   every provider. Above above_tokens input tokens the rate holds for the whole call. Calls are those this
--   price list priced in the 28 days before. Stale: used, and neither checked nor valid since 180 days ago; null where the
--   list states neither. 1970-01-01 is a price that holds since ever.
with called as (
    select model, response_model, provider, price_version, count(*) as calls
    from steps
    where kind = 'llm' and cost_source = 'priced'
        and run_started_at > $as_of::timestamp - interval 28 day and run_started_at <= $as_of
    group by model, response_model, provider, price_version
),
named as (
    select called.*, prices.model as priced_as,
        max(case when prices.price_version like 'genai-prices %' then 0 else 1 end) as is_own
    from called
    join prices on prices.model in (called.model, called.response_model)
        and (prices.provider is null or prices.provider = called.provider)
        and contains(called.price_version, prices.price_version)
    group by all
),
used as (
    select priced_as, provider, calls
    from named
    qualify row_number() over (partition by model, response_model, provider, price_version
        order by is_own desc, case when priced_as = response_model then 0 else 1 end) = 1
),
in_force as (
    select *, price_version not like 'genai-prices %' as is_own
    from prices
    where valid_from <= cast($as_of as date) and (valid_to is null or valid_to > cast($as_of as date))
    qualify row_number() over (partition by model, provider, token_class, above_tokens
        order by case when price_version like 'genai-prices %' then 1 else 0 end,
            valid_from desc, record_at desc nulls last, price_version desc) = 1
),
holding as (
    select *
    from in_force
    where is_own or not exists (
        select 1 from in_force as own
        where own.is_own and own.model = in_force.model and own.token_class = in_force.token_class
            and (own.provider is null or own.provider = in_force.provider))
),
counted_calls as (
    select holding.model, holding.provider, token_class, above_tokens, usd_per_token, valid_from, valid_to,
        price_version, checked_on, is_own, cast(coalesce(sum(calls), 0) as bigint) as calls
    from holding
    left join used on used.priced_as = holding.model
        and (holding.provider is not distinct from used.provider or (holding.provider is null and is_own))
    group by all
)
select *,
    case when calls = 0 then false
        else greatest(checked_on, nullif(valid_from, date '1970-01-01')) < cast($as_of as date) - interval 180 day
    end as is_stale
from counted_calls
order by calls desc, model, provider nulls first, token_class, above_tokens
