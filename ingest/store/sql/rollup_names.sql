-- At most 200 names of a kind per workflow enter a rollup; names with ids in them would grow it without end.
create or replace temp table kept_names as
select workflow, what, name
from (
    select *, row_number() over (partition by workflow, what order by n desc, name) as place
    from (select workflow, what, name, count(*) as n from (
        select workflow, 'step' as what, coalesce(step, tool, name) as name from steps
        union all select workflow, 'agent', agent from steps
        union all select workflow, 'tool', tool from steps
        union all select workflow, 'model', model from steps
    )
    where name is not null
    group by all)
)
where place <= 200;

create or replace temp table rollup_days as
select distinct started_at::date as day from runs where (select flag from all_days)
union
select day from touched_days;
