-- title: What did people say about this run?
-- returns: feedback_id varchar, target_kind varchar, target_id varchar, run_id varchar,
--   step_id varchar, created_at timestamp, source varchar, author_hash varchar, channel varchar,
--   name varchar, label varchar, score double, verdict varchar, comment varchar,
--   category varchar, severity varchar, correction varchar, is_blind boolean, is_double boolean,
--   triaged_at timestamp, triaged_by varchar, resolution varchar, resolved_at timestamp,
--   fix_version varchar, eval_case varchar
select
    feedback_id, target_kind, target_id, run_id, step_id, created_at, source, author_hash, channel, name,
    label, score, verdict, comment, category, severity, correction, is_blind, is_double, triaged_at,
    triaged_by, resolution, resolved_at, fix_version, eval_case
from feedback
where run_id = $run_id
order by created_at, feedback_id
