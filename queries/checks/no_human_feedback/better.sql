-- id: FB-8
-- title: Is it getting better over weeks?
-- gate: no
-- estimator: trend
-- limits: 1.96 / 1.96 from 4
-- limit_kind: policy
-- unit: weeks with 20 sampled reviews
-- window: 56
-- needs: feedback
-- hint: Load sampled reviews as feedback with source sampled_review and a verdict.
-- fix: Look at what did not fall, week by week: {evidence}.
-- owner: product owner
-- uses: opinions, reviews
-- about: Trend of failures that people found in random samples, over weeks counted back from as_of
--   (Cochran-Armitage), overall and within channels, so that a change of mix is not taken for a change
--   of quality. A success at the declared slo is good enough. Versions stand beside the labels.
with weekly as (
    select *, 8 - cast(floor(date_diff('second', created_at, $as_of::timestamp) / 604800.0) as bigint) as week
    from reviews
)
select
    weekly.workflow,
    run_id,
    step_id,
    verdict <> 'correct' as failed,
    cast(created_at as date) as observed_on,
    created_at as observed_at,
    coalesce(category, verdict) || ': week ' || cast(week as varchar) || coalesce(', version ' || version, '') as why,
    1.0 as weight,
    week,
    coalesce(channel, 'unknown') as segment,
    workflows.slo_success as slo
from weekly
left join workflows on workflows.workflow = weekly.workflow
