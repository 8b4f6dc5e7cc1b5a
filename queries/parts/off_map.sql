-- title: The transitions that the map does not declare, with the step they skipped where there is one.
-- about: Needs declared_edges and taken.
with detours as (
    select a.workflow, a.from_step, b.to_step, min(a.to_step) as skipped
    from declared_edges as a
    join declared_edges as b on b.workflow = a.workflow and b.from_step = a.to_step
    where not coalesce(a.is_exception, false) and not coalesce(b.is_exception, false)
    group by a.workflow, a.from_step, b.to_step
    having count(distinct a.to_step) = 1
)
select
    taken.*,
    taken.from_step || ' → ' || taken.to_step
        || coalesce(': skipped ' || detours.skipped, ': not a declared transition') as why
from taken
left join declared_edges as declared
    on declared.workflow = taken.workflow
    and declared.from_step = taken.from_step and declared.to_step = taken.to_step
left join detours
    on detours.workflow = taken.workflow
    and detours.from_step = taken.from_step and detours.to_step = taken.to_step
where declared.workflow is null
