-- title: By which record is each provider's month known, since when, and which estimate did it replace?
-- returns: month date, provider varchar, source varchar, days bigint, cost_usd double, known_at timestamp,
--   replaced_source varchar, replaced_usd double
-- uses: counted
-- about: known_at is the moment the first file of the record was loaded; null for traces. Replaced is the next best
--   record of the same days, which counted before. A month may have several records, one for each of its days.
with used as (
    select day, provider, rank, source, sum(cost_usd) as cost_usd
    from counted
    where in_total and day >= $since and day < $until
    group by day, provider, rank, source
),
others as (
    select costs.day, costs.provider, costs.rank, costs.source, sum(costs.cost_usd) as cost_usd
    from rollup_costs as costs
    join used on used.day = costs.day and used.provider = costs.provider and costs.rank > used.rank
    where costs.cost_usd is not null
    group by costs.day, costs.provider, costs.rank, costs.source
),
replaced as (
    select * from others qualify row_number() over (partition by day, provider order by rank) = 1
),
known as (
    select costs.provider, costs.source, cast(date_trunc('month', period_start) as date) as month, min(loaded_at) as known_at
    from costs join sources on sources.source_id = costs.source_id
    group by all
)
select cast(date_trunc('month', used.day) as date) as month, used.provider, used.source, count(*) as days,
    sum(used.cost_usd) as cost_usd, min(known.known_at) as known_at,
    replaced.source as replaced_source, sum(replaced.cost_usd) as replaced_usd
from used
left join replaced on replaced.day = used.day and replaced.provider = used.provider
left join known on known.provider = used.provider and known.source = used.source
    and known.month = cast(date_trunc('month', used.day) as date)
group by cast(date_trunc('month', used.day) as date), used.provider, used.source, replaced.source
order by month desc, used.provider, used.source, replaced_source
