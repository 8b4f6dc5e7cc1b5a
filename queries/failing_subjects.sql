-- title: On which subjects do failing checks fail, in which workflows?
-- returns: check_id varchar, subject varchar, workflow varchar
-- about: The subject is what the reason of an evidence row names before its colon. Only what workflows can share
--   is told: tools, systems, models, providers, services.
with shareable as (
    select tool as subject from rollup_steps
    union select model from rollup_steps
    union select provider from rollup_costs
    union select split_part(tool, '.', 1) from rollup_steps
    union select json_extract_string(attributes, '$."service.name"') from runs
)
select distinct evidence.check_id, split_part(why, ':', 1) as subject, evidence.workflow
from check_evidence as evidence
join check_results as results
    on results.as_of = evidence.as_of and results.workflow = evidence.workflow
    and results.check_id = evidence.check_id
join shareable on shareable.subject = split_part(why, ':', 1)
where evidence.as_of = (select max(as_of) from check_results)
    and results.state in ('red', 'amber')
    and why not like 'passed: %'
order by all
