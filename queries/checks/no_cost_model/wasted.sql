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
-- uses: billable, run_costs
-- about: Cost of failed and abandoned runs, and of retries and repeated identical calls inside the others,
--   over all cost. Identical are model calls, or calls of one tool, with one input and one number of input
--   tokens. What a failed run explored was useful perhaps; it is no outcome.
with calls as (
    select b.run_id, b.attempt, b.input_hash, b.input_tokens,
        row_number() over (of_input order by b.started_at, b.seq, b.step_id) as place,
        row_number() over (of_size order by b.started_at, b.seq, b.step_id) as place_of_size,
        count(b.input_tokens) over of_input as sizes,
        coalesce(b.cost_usd, assumed_usd / count(*) over (partition by b.run_id)) as usd
    from billable as b
    join run_costs on run_costs.run_id = b.run_id
    window of_input as (partition by b.run_id, b.tool, b.input_hash),
        of_size as (partition by b.run_id, b.tool, b.input_hash, b.input_tokens)
),
again as (
    select run_id, usd, attempt > 1 as is_retry,
        input_hash is not null and case when input_tokens is null then sizes > 0 or place > 1
            else place_of_size > 1 end as is_repeat
    from calls
),
extra as (
    select run_id,
        sum(case when is_retry then usd else 0 end) as retried_usd,
        sum(case when not coalesce(is_retry, false) and is_repeat then usd else 0 end) as repeated_usd,
        count(*) filter (where is_retry or is_repeat) as calls
    from again
    group by run_id
),
causes as (
    select run_costs.*, coalesce(retried_usd, 0) as retried_usd, coalesce(repeated_usd, 0) as repeated_usd, calls,
        case when outcome in ('failure', 'abandoned') then assumed_usd
            else round(least(coalesce(retried_usd, 0) + coalesce(repeated_usd, 0), assumed_usd), 9) end as wasted_usd
    from run_costs
    left join extra on extra.run_id = run_costs.run_id
)
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
from causes
