-- title: How many runs that used only one model succeeded, by model?
-- returns: workflow varchar, model varchar, runs bigint, successes bigint
-- about: Runs whose every model call names the same model, without tests and replays.
with used as (
    select run_id, min(coalesce(model, response_model)) as model
    from steps
    where kind = 'llm' and stage not in ('test', 'replay') and agent is distinct from 'user_simulator'
        and run_started_at > $since and run_started_at <= $as_of
        and ($workflow is null or workflow in (select unnest($workflow::varchar[])))
    group by run_id
    having count(distinct coalesce(model, response_model)) = 1 and count(*) = count(coalesce(model, response_model))
)
select runs.workflow, model, count(*) as runs, count(*) filter (where outcome = 'success') as successes
from used
join runs on runs.run_id = used.run_id
group by runs.workflow, model
order by runs.workflow, model
