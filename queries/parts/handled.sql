-- title: Calls that failed at first or for good, with the exception paths declared for them and whether one was taken.
-- about: Needs finished, attempts and calls. A path is declared for a tool, or its system, and a class of errors or
--   all (`*`). It is taken when the run reaches its step after the call. A call that may have written, as
--   its side effect is not known to be none or read, needs a path for its very class. A call is made good
--   by a later attempt, or by a later call of the same tool that worked. A refused call (GOV-2's) never ran.
with troubled as (
    select
        calls.*, coalesce(calls.error_class, 'unknown') as class, finished.status as run_status,
        not calls.failed or coalesce(worked.seq > calls.seq, false) as is_made_good
    from calls
    join finished on finished.run_id = calls.run_id
    left join (
        select run_id, tool, max(seq) as seq from calls where not failed group by run_id, tool
    ) as worked on worked.run_id = calls.run_id and worked.tool = calls.tool
    where (calls.failed or calls.first_failed) and coalesce(calls.is_executed, true)
),
paths as (
    select
        workflow, to_step, trigger,
        substr(trigger, 1, length(trigger) - position(':' in reverse(trigger))) as subject,
        split_part(trigger, ':', -1) as class
    from workflow_paths
),
reached as (
    select run_id, step, max(seq) as seq
    from steps
    where step is not null and run_started_at > $since and run_started_at <= $as_of
    group by run_id, step
)
select
    troubled.workflow, troubled.run_id, troubled.step_id, troubled.tool, troubled.class,
    troubled.is_made_good, troubled.run_started_at, troubled.started_at, troubled.seq, paths.trigger, paths.to_step,
    paths.trigger is not null and (paths.class = troubled.class
        or coalesce(troubled.side_effect, 'write') in ('none', 'read')) as is_specific,
    reached.seq > troubled.seq or (paths.to_step = '$' and troubled.run_status in ('ok', 'unknown')) as is_taken
from troubled
left join paths
    on paths.workflow = troubled.workflow
    and paths.subject in (troubled.tool, split_part(troubled.tool, '.', 1), '*')
    and paths.class in (troubled.class, '*')
left join reached on reached.run_id = troubled.run_id and reached.step = paths.to_step
