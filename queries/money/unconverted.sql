-- title: Which amounts have no rate, in which currency?
-- returns: currency varchar, source varchar, amount decimal(38,18), lines bigint, first_day date, last_day date
-- about: Amounts as stated, of currencies other than US dollars that no fx_rates.csv rates on the day they are for.
--   They are in no total.
select
    currency,
    source,
    cast(sum(amount) as decimal(38,18)) as amount,
    count(*) as lines,
    cast(min(period_start) as date) as first_day,
    cast(max(period_start) as date) as last_day
from costs
where currency <> 'USD' and cost_usd is null
group by currency, source
order by currency, source
