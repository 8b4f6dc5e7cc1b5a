-- title: On how many runs is each field filled?
-- about: One row a workflow: rows, and for every column how many of them have a value.
select workflow as of_workflow, 'run' as of_kind, count(*) as rows, count(columns(*))
from runs
where started_at > $since and started_at <= $as_of and stage not in ('test', 'replay')
group by workflow
