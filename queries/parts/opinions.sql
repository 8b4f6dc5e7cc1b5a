-- title: What people, downstream systems and evaluators said of runs, with what is known of the run.
select
    feedback.feedback_id, feedback.run_id, feedback.step_id, feedback.created_at, feedback.source, feedback.name,
    feedback.verdict, feedback.category, feedback.correction, feedback.is_blind, feedback.triaged_at,
    feedback.resolution, feedback.resolved_at, feedback.fix_version, feedback.eval_case,
    coalesce(runs.channel, feedback.channel) as channel,
    runs.workflow, runs.version, runs.started_at as run_started_at, runs.input_hash
from feedback
join runs on runs.run_id = feedback.run_id
where feedback.created_at <= $as_of and runs.stage not in ('test', 'replay')
