-- title: On which subjects do failing checks fail, in which workflows?
-- returns: check_id varchar, subject varchar, workflow varchar
-- about: The subject is what the reason of an evidence row names before its colon: a tool, an agent, a field.
select distinct evidence.check_id, split_part(why, ':', 1) as subject, evidence.workflow
from check_evidence as evidence
join check_results as results
    on results.as_of = evidence.as_of and results.workflow = evidence.workflow
    and results.check_id = evidence.check_id
where evidence.as_of = (select max(as_of) from check_results)
    and results.state in ('red', 'amber')
    and why not like 'passed: %' and why like '%:%'
order by all
