-- title: Every transition a workflow's map allows.
-- about: Entry and exit follow from the steps where none is written; an exception path may be entered
--   from anywhere.
with ends as (
    select workflow, max(case when from_step = '^' then 1 else 0 end) as has_entry,
        max(case when to_step = '$' then 1 else 0 end) as has_exit
    from workflow_edges
    group by workflow
),
firsts as (select workflow, min(position) as position from workflow_steps group by workflow)
select workflow, from_step, to_step, is_exception, is_branch, expected_rate from workflow_edges
union
select s.workflow, '^', s.step, false, false, null
from workflow_steps as s
join ends on ends.workflow = s.workflow and ends.has_entry = 0
join firsts on firsts.workflow = s.workflow
left join workflow_edges as e on e.workflow = s.workflow and e.to_step = s.step
where e.workflow is null or s.position = firsts.position
union
select s.workflow, s.step, '$', false, false, null
from workflow_steps as s
join ends on ends.workflow = s.workflow and ends.has_exit = 0
left join workflow_edges as e on e.workflow = s.workflow and e.from_step = s.step
where e.workflow is null
union
select p.workflow, s.step, p.to_step, true, false, null
from workflow_paths as p
join workflow_steps as s on s.workflow = p.workflow
left join workflow_edges as e
    on e.workflow = p.workflow and e.from_step = s.step and e.to_step = p.to_step
where e.workflow is null
