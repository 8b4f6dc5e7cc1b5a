-- title: On how many steps of each kind is each field filled?
-- about: One row a workflow and kind: rows, and for every column how many of them have a value.
select workflow as of_workflow, kind as of_kind, count(*) as rows, count(columns(*))
from steps
where run_started_at > $since and run_started_at <= $as_of and stage not in ('test', 'replay')
    and coalesce(agent, '') <> 'user_simulator'
group by workflow, kind
