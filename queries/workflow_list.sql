-- title: Which workflows are there?
-- returns: workflow varchar, stage varchar, architecture varchar, is_declared boolean,
--   runs bigint, first_run_at timestamp, last_run_at timestamp
-- about: Seen in runs or declared in a file, over all time. The stage is the declared one, else
--   the one with most runs; a workflow with any run of several agents is multi.
with staged as (
    select workflow, stage, count(*) as runs, min(architecture) as architecture,
        min(started_at) as first_run_at, max(started_at) as last_run_at
    from runs
    group by workflow, stage
),
ranked as (
    select workflow, stage, row_number() over (partition by workflow order by runs desc, stage) as place
    from staged
),
seen as (
    select workflow, min(architecture) as architecture, sum(runs) as runs,
        min(first_run_at) as first_run_at, max(last_run_at) as last_run_at
    from staged
    group by workflow
),
names as (select workflow from seen union select workflow from workflows)
select
    names.workflow,
    coalesce(declared.stage, ranked.stage, 'pilot') as stage,
    seen.architecture,
    declared.workflow is not null as is_declared,
    cast(coalesce(seen.runs, 0) as bigint) as runs,
    seen.first_run_at,
    seen.last_run_at
from names
left join seen on seen.workflow = names.workflow
left join ranked on ranked.workflow = names.workflow and ranked.place = 1
left join workflows as declared on declared.workflow = names.workflow
order by names.workflow
