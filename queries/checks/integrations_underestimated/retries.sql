-- id: INT-3
-- title: Are retries amplifying load and spend?
-- gate: no
-- estimator: share
-- limits: 0.05 / 0.10 from 50
-- limit_kind: src
-- unit: attempts
-- needs: steps.tool (kind=tool), steps.input_hash (kind=tool), steps.attempt (kind=tool)
-- hint: Record the input of tool calls, or its hash: retries are told by equal input.
-- fix: Let one layer retry, with a budget, growing delays and Retry-After honoured: {evidence}.
-- owner: engineering
-- uses: attempts
-- about: Attempts beyond the first, of all. More than three attempts of one call, or attempts on
--   two levels of the trace, are red at any number (Google SRE book, handling overload).
with layered as (
    select *, lag(depth) over (partition by run_id, tool, input_hash order by started_at, seq, step_id) as depth_before
    from attempts
)
select
    workflow,
    run_id,
    step_id,
    attempt > 1 as failed,
    cast(run_started_at as date) as observed_on,
    coalesce(started_at, run_started_at) as observed_at,
    tool || ': attempt ' || cast(attempt as varchar)
        || case when attempt > 1 and depth <> depth_before then ', on another level than the one before' else '' end
        as why,
    attempt + case when attempt > 1 and depth <> depth_before then 10.0 else 0.0 end as weight,
    attempt > 3 or (attempt > 1 and depth <> depth_before) as alarm
from layered
