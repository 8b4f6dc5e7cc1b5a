-- id: FB-5
-- title: Do confirmed defects get fixed and checked?
-- gate: pilot
-- estimator: share
-- limits: 0.70 / 0.40 from 10
-- limit_kind: policy
-- good: high
-- unit: defects older than 30 days
-- window: 180
-- needs: feedback
-- hint: Load triage (feedback_id, resolution, resolved_at, fix_version, eval_case), and replays of the cases.
-- fix: Make the commonest of the unfixed the next item, and run its input again after the fix: {evidence}.
-- owner: product owner
-- uses: opinions
-- about: Fixed is what says fixed, in a version that runs, and whose input or eval case passed when it
--   was last run since. Triaged feedback is a defect unless triage says it is none or a duplicate. Up
--   to a fifth of the defects may be wont_fix and are left out; above that they count as unfixed.
with defects as (
    select *, avg(case when resolution = 'wont_fix' then 1.0 else 0 end) over (partition by workflow) as declined_share
    from opinions
    where created_at > $since and created_at <= $as_of::timestamp - interval 30 day
        and verdict is distinct from 'correct' and (triaged_at is not null or resolution is not null)
        and coalesce(resolution, 'open') not in ('duplicate', 'not_a_defect')
),
deployed as (
    select distinct workflow, version from runs
    where version is not null and started_at <= $as_of and stage not in ('test', 'replay')
    union
    select workflow, version_to from changes where version_to is not null and changed_at <= $as_of
),
reruns as (
    select defects.feedback_id, defects.resolved_at, runs.run_id, runs.started_at, runs.outcome
    from defects
    join runs on runs.workflow = defects.workflow and runs.task_key = defects.eval_case
    union all
    select defects.feedback_id, defects.resolved_at, runs.run_id, runs.started_at, runs.outcome
    from defects
    join runs on runs.workflow = defects.workflow and runs.input_hash = defects.input_hash
),
again as (
    select feedback_id, outcome
    from reruns
    where started_at > resolved_at and started_at <= $as_of
    qualify row_number() over (partition by feedback_id order by started_at desc, run_id desc) = 1
),
judged as (
    select defects.*, deployed.version is not null as is_deployed, again.outcome as outcome_again,
        date_diff('day', created_at, $as_of::timestamp) as age_days
    from defects
    left join deployed on deployed.workflow = defects.workflow and deployed.version = defects.fix_version
    left join again on again.feedback_id = defects.feedback_id
)
select
    workflow,
    run_id,
    step_id,
    not (coalesce(resolution, 'open') = 'fixed' and is_deployed and coalesce(outcome_again, 'unknown') = 'success') as failed,
    cast(created_at as date) as observed_on,
    created_at as observed_at,
    coalesce(category, name) || case
        when coalesce(resolution, 'open') = 'open' then ': open'
        when resolution = 'wont_fix' then ': declined, as too many are'
        when not is_deployed then ': said to be fixed in no version that runs'
        when outcome_again is null then ': fixed, its input was not run again'
        when outcome_again <> 'success' then ': fixed, but its input failed again'
        else ': fixed in ' || fix_version || ' and its input passes'
    end as why,
    cast(age_days as double) as weight
from judged
where coalesce(resolution, 'open') <> 'wont_fix' or declined_share > 0.2
