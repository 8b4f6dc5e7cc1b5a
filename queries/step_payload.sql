-- title: What went into this step, and what came out?
-- returns: input varchar, output varchar, rationale varchar, attributes json
-- about: Shown as recorded.
select
    input, output, rationale, attributes
from payloads
where run_id = $run_id and step_id = $step_id
order by step_id
