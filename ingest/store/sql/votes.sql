-- Votes of the chunk's runs: by run id, or by task key inside the same source folder or the vote's own workflow.
create or replace temp table run_votes as
select v.* from outcome_votes v
where v.run_id in (select run_id from some_runs)
union all by name
select v.* replace (c.run_id as run_id)
from outcome_votes v
join run_claims c on c.task_key = v.task_key
where v.run_id is null and c.run_id in (select run_id from some_runs)
    and (case when v.workflow is null then coalesce(v.folder, '') = coalesce(c.folder, '')
        else v.workflow in (c.option_workflow, c.workflow_name, c.service_name, c.root_name, c.domain) end);
