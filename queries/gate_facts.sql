-- title: What does a gate need to know of a workflow beside its checks?
-- returns: workflow varchar, stage varchar, slo_success double, owner_operations varchar,
--   owner_engineering varchar, runs bigint, work_days bigint, peak_days bigint, limited_runs bigint,
--   limited_days bigint, runs_28d bigint, known_28d bigint, successes_28d bigint, failures_28d bigint,
--   labels_30d bigint, signoffs json
-- about: Finished runs since the pilot began, in all but the columns that name days. A peak day has half as
--   many runs again as the median day with runs. limited_days count from the first run in limited or production.
with clock as (select max(as_of) as as_of from store_state),
finished as (
    select runs.*, cast(started_at as date) as day
    from runs cross join clock
    where started_at <= as_of and stage not in ('test', 'replay')
        and (ended_at is not null or started_at <= as_of - interval 24 hour
            or (time_source = 'load' and status <> 'running'))
),
daily as (select workflow, day, count(*) as n from finished where time_source <> 'load' group by workflow, day),
usual as (select workflow, median(n) as n from daily group by workflow),
days as (
    select daily.workflow,
        count(*) filter (where isodow(daily.day) <= 5) as work_days,
        count(*) filter (where daily.n >= 1.5 * usual.n) as peak_days
    from daily
    join usual on usual.workflow = daily.workflow
    group by daily.workflow
),
staged as (
    select workflow, stage, row_number() over (partition by workflow order by count(*) desc, stage) as place
    from finished
    group by workflow, stage
),
counted as (
    select
        workflow,
        count(*) as runs,
        count(*) filter (where stage in ('limited', 'production')) as limited_runs,
        coalesce(date_diff('day', min(started_at) filter (where stage in ('limited', 'production')), max(as_of)), 0)
            as limited_days,
        count(*) filter (where started_at > as_of - interval 28 day) as runs_28d,
        count(*) filter (where started_at > as_of - interval 28 day and outcome <> 'unknown') as known_28d,
        count(*) filter (where started_at > as_of - interval 28 day and outcome = 'success') as successes_28d,
        count(*) filter (where started_at > as_of - interval 28 day and outcome in ('failure', 'abandoned'))
            as failures_28d
    from finished cross join clock
    group by workflow
),
labels as (
    select runs.workflow, count(*) as n
    from feedback
    join runs on runs.run_id = feedback.run_id
    cross join clock
    where feedback.source = 'sampled_review' and feedback.verdict is not null
        and feedback.created_at > as_of - interval 30 day and feedback.created_at <= as_of
    group by runs.workflow
),
signed as (
    select workflow,
        to_json(list_sort(list({'gate': gate, 'signed_by': signed_by, 'signed_on': signed_on}))) as signoffs
    from gate_signoffs
    group by workflow
),
names as (select workflow from counted union select workflow from workflows)
select
    names.workflow,
    coalesce(declared.stage, staged.stage, 'pilot') as stage,
    declared.slo_success,
    declared.owner_operations,
    declared.owner_engineering,
    coalesce(counted.runs, 0) as runs,
    coalesce(days.work_days, 0) as work_days,
    coalesce(days.peak_days, 0) as peak_days,
    coalesce(counted.limited_runs, 0) as limited_runs,
    coalesce(counted.limited_days, 0) as limited_days,
    coalesce(counted.runs_28d, 0) as runs_28d,
    coalesce(counted.known_28d, 0) as known_28d,
    coalesce(counted.successes_28d, 0) as successes_28d,
    coalesce(counted.failures_28d, 0) as failures_28d,
    coalesce(labels.n, 0) as labels_30d,
    coalesce(signed.signoffs, '[]') as signoffs
from names
left join workflows as declared on declared.workflow = names.workflow
left join staged on staged.workflow = names.workflow and staged.place = 1
left join counted on counted.workflow = names.workflow
left join days on days.workflow = names.workflow
left join labels on labels.workflow = names.workflow
left join signed on signed.workflow = names.workflow
order by names.workflow
