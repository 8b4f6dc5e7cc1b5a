-- Price the calls of touched runs that state no cost: every token class at the rate of the call's day.
-- A price list of one's own goes before the public one, one for the provider before one for any, the newest
-- first; above a number of input tokens a dearer rate holds for the whole call. Input tokens include the
-- cached ones: those without a rate of their own cost what input costs. A call without a time has today's
-- price. `priced_names` holds the name each model is listed by. A public price holds for the provider it was
-- looked up for, no name among them.
create or replace temp view usable_prices as
select *, price_version like 'genai-prices %' as is_public from prices;

create or replace temp table unpriced_calls as
select s.run_id, s.step_id, n.priced_as as model, s.provider,
    coalesce(s.started_at::date, date '9999-12-31') as day,
    s.input_tokens, s.output_tokens,
    coalesce(s.cache_read_tokens, 0) as cache_read_tokens, coalesce(s.cache_write_tokens, 0) as cache_write_tokens
from steps s join priced_names n
    on n.model is not distinct from s.model and n.response_model is not distinct from s.response_model
        and n.provider is not distinct from s.provider
where s.run_id in (select run_id from touched_runs) and s.input_tokens is not null
    and (s.cost_usd is null or s.cost_source = 'priced');

create or replace temp table price_levels as
select distinct c.model, c.provider, c.day, coalesce((
    select max(p.above_tokens) from usable_prices p
    where p.model = c.model
        and (p.provider is not distinct from c.provider or (p.provider is null and not p.is_public))
        and p.above_tokens < c.input_tokens
), 0) as level, c.input_tokens
from unpriced_calls c;

create or replace temp table day_rates as
with wanted as (select distinct model, provider, day, level from price_levels),
found as (
    select w.*, p.token_class, p.usd_per_token, p.price_version
    from wanted w join usable_prices p
        on p.model = w.model
            and (p.provider is not distinct from w.provider or (p.provider is null and not p.is_public))
            and p.above_tokens <= w.level and p.valid_from <= w.day and (p.valid_to is null or p.valid_to > w.day)
    qualify row_number() over (
        partition by w.model, w.provider, w.day, w.level, p.token_class
        order by p.is_public, p.provider is null, p.above_tokens desc,
            p.valid_from desc, p.record_at desc nulls last, p.price_version desc
    ) = 1
)
select model, provider, day, level,
    max(usd_per_token) filter (where token_class = 'input') as input_usd,
    max(usd_per_token) filter (where token_class = 'output') as output_usd,
    max(usd_per_token) filter (where token_class = 'cache_read') as cache_read_usd,
    max(usd_per_token) filter (where token_class = 'cache_write') as cache_write_usd,
    string_agg(distinct price_version, ', ' order by price_version) as price_version
from found
group by model, provider, day, level;

create or replace temp table priced_calls as
select c.run_id, c.step_id, r.price_version,
    (c.input_tokens - c.cache_read_tokens - c.cache_write_tokens) * r.input_usd
        + c.cache_read_tokens * coalesce(r.cache_read_usd, r.input_usd)
        + c.cache_write_tokens * coalesce(r.cache_write_usd, r.input_usd)
        + case when r.output_usd is null then 0 else c.output_tokens * r.output_usd end as cost_usd
from unpriced_calls c
join price_levels l
    on l.model = c.model and l.provider is not distinct from c.provider and l.day = c.day
        and l.input_tokens = c.input_tokens
join day_rates r
    on r.model = c.model and r.provider is not distinct from c.provider and r.day = c.day and r.level = l.level;

update steps set cost_usd = p.cost_usd, cost_source = 'priced', price_version = p.price_version
from priced_calls p
where p.run_id = steps.run_id and p.step_id = steps.step_id and p.cost_usd is not null;
