-- id: COST-6
-- title: How much is waste?
-- gate: no
-- estimator: wasted
-- limits: 0.10 / 0.25 from 50
-- limit_kind: policy
-- unit: runs
-- needs: steps.input_hash (kind=llm)
-- hint: Record the input of model and tool calls, or its hash: repeats are told by equal input.
-- fix: Fail fast on the step that predicts failure, and keep what was answered once: {evidence}.
-- owner: finance and engineering
-- uses: billable, run_costs, wasted_costs
-- about: Cost of failed and abandoned runs, and of retries and repeated identical calls inside the others,
--   over all cost. Identical are model calls, or calls of one tool, with one input and one number of input
--   tokens. What a failed run explored was useful perhaps; it is no outcome.
select
    workflow,
    run_id,
    cast(null as varchar) as step_id,
    wasted_usd > 0 as failed,
    cast(started_at as date) as observed_on,
    started_at as observed_at,
    case
        when outcome = 'failure' then 'failed run: '
        when outcome = 'abandoned' then 'abandoned run: '
        when retried_usd >= repeated_usd and retried_usd > 0 then 'retries: '
        when repeated_usd > 0 then 'repeated calls: '
        else 'nothing wasted: '
    end || '$' || printf('%.4f', wasted_usd) || ' of $' || printf('%.4f', assumed_usd)
        || case when wasted_usd > 0 and calls > 0 then ', ' || cast(calls as varchar) || ' calls made again' else '' end
        as why,
    wasted_usd as weight,
    wasted_usd as amount,
    assumed_usd as total,
    coalesce(unknown_cost, case when 0.8 > avg(cast(outcome <> 'unknown' as int)) over (partition by workflow)
        then 'the outcome of less than 80 % of the runs is known, so what failed is not.' end) as unmeasured
from wasted_costs
