-- id: FB-7
-- title: Do corrections become tests?
-- gate: no
-- estimator: share
-- limits: 0.50 / 0.20 from 10
-- limit_kind: policy
-- good: high
-- unit: corrections
-- window: 30
-- needs: feedback
-- hint: Load corrections, their eval_case in triage, and the replays with that task_key.
-- fix: Add the correction to the replay set: {evidence}.
-- owner: product owner
-- uses: opinions
-- about: Corrections whose eval case was replayed in the last 14 days. Corrections of one eval case
--   count once, so that near-duplicates inflate nothing.
with corrections as (
    select *
    from opinions
    where correction is not null and created_at > $since
    qualify row_number() over (
        partition by workflow, coalesce('case ' || eval_case, feedback_id) order by created_at desc, feedback_id
    ) = 1
),
ran as (
    select workflow, task_key, max(started_at) as ran_at
    from runs
    where stage in ('replay', 'test') and task_key is not null and started_at <= $as_of
    group by workflow, task_key
)
select
    corrections.workflow,
    run_id,
    step_id,
    coalesce(ran_at <= $as_of::timestamp - interval 14 day, true) as failed,
    cast(created_at as date) as observed_on,
    created_at as observed_at,
    coalesce(category, name) || case
        when eval_case is null then ': no test was made of the correction'
        when ran_at is null then ': its test never ran'
        when ran_at <= $as_of::timestamp - interval 14 day then ': its test has not run for 14 days'
        else ': its test ran'
    end as why,
    count(*) over (partition by corrections.workflow, coalesce(category, name)) * 1.0 as weight
from corrections
left join ran on ran.workflow = corrections.workflow and ran.task_key = corrections.eval_case
