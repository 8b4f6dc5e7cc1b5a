-- title: Every logical call: its last attempt, how many there were, and whether the first failed.
-- about: Needs attempts.
select
    *,
    count(*) over per_call as attempts,
    bool_or(failed and attempt = 1) over per_call as first_failed
from attempts
window per_call as (partition by run_id, tool, input_hash, call)
qualify row_number() over (
    partition by run_id, tool, input_hash, call order by attempt desc, started_at desc, seq desc, step_id desc
) = 1
