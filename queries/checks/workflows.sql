-- title: Which workflows are judged, and where do they stand?
-- returns: workflow varchar, stage varchar, is_declared boolean, is_multi boolean,
--   newest_at timestamp, limits json
-- about: A workflow without runs is not known to be one agent's.
with staged as (
    select workflow, stage, count(*) as runs, max(started_at) as newest_at,
        max(case when architecture = 'multi' or (architecture is null and n_agents > 1) then 1 else 0 end) as multi
    from runs
    where stage not in ('test', 'replay') and started_at <= $as_of
    group by workflow, stage
),
ranked as (
    select workflow, stage, row_number() over (partition by workflow order by runs desc, stage) as place
    from staged
),
seen as (
    select workflow, max(newest_at) as newest_at, max(multi) as multi
    from staged
    group by workflow
),
names as (select workflow from seen union select workflow from workflows)
select
    names.workflow,
    coalesce(declared.stage, ranked.stage, 'pilot') as stage,
    declared.workflow is not null as is_declared,
    coalesce(seen.multi, 1) = 1 as is_multi,
    seen.newest_at,
    declared.limits
from names
left join seen on seen.workflow = names.workflow
left join ranked on ranked.workflow = names.workflow and ranked.place = 1
left join workflows as declared on declared.workflow = names.workflow
order by names.workflow
