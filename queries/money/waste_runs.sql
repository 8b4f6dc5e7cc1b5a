-- title: Which runs cost most for nothing?
-- returns: run_id varchar, workflow varchar, started_at timestamp, cause varchar, wasted_usd double, cost_usd double,
--   calls bigint
-- uses: billable, run_costs, wasted_costs
-- about: Dearest first, at most $limit of each cause; calls are those made again inside the run.
select run_id, workflow, started_at,
    case when outcome = 'failure' then 'failed runs' when outcome = 'abandoned' then 'abandoned runs'
        when retried_usd >= repeated_usd then 'retries' else 'repeated calls' end as cause,
    wasted_usd, assumed_usd as cost_usd, calls
from wasted_costs
where wasted_usd > 0 and ($workflow is null or workflow in (select unnest($workflow::varchar[])))
qualify row_number() over (partition by cause order by wasted_usd desc, run_id) <= $limit
order by wasted_usd desc, run_id
