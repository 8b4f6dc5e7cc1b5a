-- title: What of the cost of every run went into nothing: failure, retries, calls made again.
-- about: Needs billable and run_costs. Identical are model calls, or calls of one tool, with one input and one
--   number of input tokens. `wasted_usd` is the whole cost of a failed or abandoned run, else its retries and repeats.
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
)
select run_costs.*, coalesce(retried_usd, 0) as retried_usd, coalesce(repeated_usd, 0) as repeated_usd, calls,
    case when outcome in ('failure', 'abandoned') then assumed_usd
        else round(least(coalesce(retried_usd, 0) + coalesce(repeated_usd, 0), assumed_usd), 9) end as wasted_usd
from run_costs
left join extra on extra.run_id = run_costs.run_id
