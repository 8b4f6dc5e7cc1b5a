-- id: FB-1
-- title: Is quality judged by people on a random sample?
-- gate: pilot
-- production_level: E3
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
-- uses: opinions, reviews
-- about: 93 labels give ten points of uncertainty at a success of one half, 60 at 80 %, 34 at 90 %.
--   Only random samples count: voluntary ratings come from few, and from the extremes. A run counts
--   once, with its worse label where two differ. Reviewers should not see the evaluator's verdict.
with unlabelled as (
    select runs.workflow, min(runs.run_id) as run_id
    from runs
    left join reviews on reviews.run_id = runs.run_id
    where runs.started_at > $since and runs.started_at <= $as_of and runs.stage not in ('test', 'replay')
        and reviews.run_id is null
    group by runs.workflow
)
select
    workflow,
    run_id,
    step_id,
    verdict <> 'correct' as failed,
    cast(created_at as date) as observed_on,
    created_at as observed_at,
    case when is_blind = false then 'sampled review that was not blind: ' else 'sampled review: ' end || verdict as why,
    1.0 as weight,
    true as counted
from reviews
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
