-- title: Which runs stand for more than themselves, and which workflows were sampled unevenly?
-- returns: workflow varchar, run_id varchar, sample_weight double, reason varchar
-- about: A run that was kept with probability p stands for 1 / p runs. A row without a run says why the
--   runs of a workflow cannot give a rate: failures were kept on purpose, or more runs were counted
--   elsewhere than traced, and no run says with what probability it was kept. Gateways and providers
--   count requests, not runs.
with kept as (
    select workflow, run_id, sample_prob, sampled_by, cast(started_at as date) as day
    from runs
    where started_at > $since and started_at <= $as_of and stage not in ('test', 'replay')
),
counted as (
    select workflow, sum(n) as n
    from (
        select workflow, source, counted_on, sum(n) as n,
            row_number() over (partition by workflow, counted_on order by sum(n) desc, source) as place
        from external_counts
        where counted_on > cast($since as date) and counted_on <= cast($as_of as date)
            and source not like '%gateway%' and source not like '%provider%'
        group by workflow, source, counted_on
    )
    where place = 1
    group by workflow
),
totals as (
    select workflow, count(*) as runs, count(*) filter (where sample_prob is null) as unknown,
        count(*) filter (where sample_prob is null and sampled_by = 'tail_error') as by_failure
    from kept
    group by workflow
)
select workflow, run_id, 1 / sample_prob as sample_weight, null as reason
from kept
where sample_prob > 0 and sample_prob < 1
union all
select totals.workflow, null, null,
    case when by_failure > 0
        then cast(by_failure as varchar) || ' of ' || cast(runs as varchar) || ' runs were kept because they failed'
        else cast(cast(counted.n as bigint) as varchar) || ' runs were counted elsewhere and '
            || cast(runs as varchar) || ' traced' end
from totals
left join counted on counted.workflow = totals.workflow
where by_failure > 0 or (unknown > 0 and counted.n > 1.1 * runs)
