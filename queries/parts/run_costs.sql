-- title: What every run of the window cost, and how much of that is known.
-- about: Needs billable. A run some of whose calls have no price costs its known part over their
--   share; a run without any cost is assumed to cost the mean (`assumed_usd`). `known` is the share known in the whole workflow, and
--   `unknown_cost` says that it is less than four fifths.
with calls as (
    select run_id, count(*) as calls, count(cost_usd) as priced,
        count(*) filter (where cost_source = 'reported') as reported
    from billable
    group by run_id
),
known as (
    select
        runs.*,
        case
            when runs.cost_usd is null then 0
            when coalesce(priced, 0) = 0 or (reported = 0 and runs.cost_source = 'reported') then 1
            else priced / calls
        end as known_share
    from runs
    left join calls on calls.run_id = runs.run_id
    where started_at > $since and started_at <= $as_of and stage not in ('test', 'replay')
),
whole as (
    select * replace (case when known_share > 0 then cost_usd / known_share end as cost_usd), cost_usd as stated_usd,
        round(avg(known_share) over (partition by workflow), 9) as known
    from known
)
select *, coalesce(cost_usd, round(avg(cost_usd) over (partition by workflow), 9)) as assumed_usd,
    case when known < 0.8 then 'the cost of only ' || cast(cast(floor(100 * known) as bigint) as varchar)
        || ' % of the runs is known. Add the missing prices.' end as unknown_cost
from whole
