-- title: Where does work succeed, and where does it fail?
-- returns: workflow varchar, segment varchar, dimension varchar, runs bigint, known_runs bigint,
--   successes bigint, success_rate double, lo double, hi double
-- about: $dimension is channel, version, stage, environment or architecture; auto takes channel
--   where the runs have one, else version. Interval: Wilson, 95 %, on runs of known outcome.
with window_kind as (
    select case
        when date_trunc('day', $since::timestamp) = $since::timestamp
            and date_trunc('day', $until::timestamp) = $until::timestamp then 'day'
        else 'hour'
    end as grain
),
cells as (
    select workflow, stage, environment, channel, version, cast(null as varchar) as architecture,
        runs, successes + partials + failures + abandoned as known_runs, successes
    from rollup_runs
    where grain = (select grain from window_kind)
        and coalesce($dimension::varchar, 'auto') <> 'architecture'
        and period_at >= $since and period_at < $until
    union all
    select workflow, stage, environment, channel, version, architecture,
        1, case when outcome = 'unknown' then 0 else 1 end, case when outcome = 'success' then 1 else 0 end
    from runs
    where $dimension = 'architecture' and started_at >= $since and started_at < $until
),
chosen as (
    select *
    from cells
    where ($workflow is null or workflow in (select unnest($workflow::varchar[])))
        and ($stage is null or stage in (select unnest($stage::varchar[])))
),
picked as (
    select case
        when coalesce($dimension::varchar, 'auto') <> 'auto' then $dimension::varchar
        when (select count(channel) from chosen) > 0 then 'channel'
        else 'version'
    end as dimension
),
named as (
    select
        workflow,
        dimension,
        coalesce(case dimension
            when 'channel' then channel
            when 'version' then version
            when 'stage' then stage
            when 'environment' then environment
            when 'architecture' then architecture
        end, 'not recorded') as segment,
        runs,
        known_runs,
        successes
    from chosen cross join picked
),
totals as (
    select
        workflow,
        segment,
        dimension,
        cast(sum(runs) as bigint) as runs,
        cast(sum(known_runs) as bigint) as known_runs,
        cast(sum(successes) as bigint) as successes
    from named
    group by workflow, segment, dimension
)
select
    workflow,
    segment,
    dimension,
    runs,
    known_runs,
    successes,
    successes / cast(nullif(known_runs, 0) as double) as success_rate,
    case when known_runs > 0 then greatest(0, (successes + 1.920729410347062 - 1.959963984540054
    * sqrt(successes * (known_runs - successes) / cast(known_runs as double) + 0.960364705173531)) / (known_runs + 3.841458820694124)) end as lo,
    case when known_runs > 0 then least(1, (successes + 1.920729410347062 + 1.959963984540054
    * sqrt(successes * (known_runs - successes) / cast(known_runs as double) + 0.960364705173531)) / (known_runs + 3.841458820694124)) end as hi
from totals
order by workflow, segment
