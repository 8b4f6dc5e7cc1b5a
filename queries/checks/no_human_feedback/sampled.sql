-- id: FB-1
-- title: Is quality judged by people on a random sample?
-- gate: pilot
-- estimator: count
-- limits: 100 / 30
-- limit_kind: derived
-- good: high
-- unit: sampled reviews
-- level: E3
-- window: 30
-- needs: feedback
-- hint: Load sampled reviews as feedback with source sampled_review and a verdict.
-- fix: Queue five random runs a day for review: {evidence}.
-- owner: product owner
-- about: 93 labels give ten points of uncertainty at a success of one half, 60 at 80 %, 34 at 90 %.
--   Only random samples count: voluntary ratings come from few, and from the extremes.
with examined as (
    select workflow, run_id, started_at
    from runs
    where started_at > $since and started_at <= $as_of and stage not in ('test', 'replay')
),
labels as (
    select runs.workflow, feedback.run_id, feedback.step_id, feedback.created_at, feedback.verdict
    from feedback
    join runs on runs.run_id = feedback.run_id
    where feedback.source = 'sampled_review' and feedback.verdict is not null
        and feedback.created_at > $since and feedback.created_at <= $as_of
        and runs.stage not in ('test', 'replay')
),
unlabelled as (
    select examined.workflow, min(examined.run_id) as run_id
    from examined
    left join labels on labels.run_id = examined.run_id
    where labels.run_id is null
    group by examined.workflow
)
select
    workflow,
    run_id,
    step_id,
    verdict <> 'correct' as failed,
    cast(created_at as date) as observed_on,
    created_at as observed_at,
    'sampled review: ' || verdict as why,
    1.0 as weight,
    true as counted
from labels
union all
select
    workflow,
    run_id,
    null,
    true,
    cast($as_of as date),
    null,
    'no sampled review: runs such as this were not judged by a person',
    0.5,
    false
from unlabelled
