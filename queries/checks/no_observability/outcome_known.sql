-- id: OBS-5
-- title: Do we know how runs ended?
-- gate: pilot
-- estimator: share
-- limits: 0.90 / 0.60 from 30
-- limit_kind: policy
-- good: high
-- unit: finished runs
-- fix: Take the cheapest source first: downstream status, then an evaluator, then sampled reviews. {evidence}.
-- owner: engineering
-- beside: success
-- uses: finished
-- about: A run that ended without an error is error-free, not a success: its outcome is unknown
--   until a label, a downstream record, a person or an evaluator says so.
select
    workflow,
    run_id,
    cast(null as varchar) as step_id,
    outcome = 'unknown' as failed,
    cast(started_at as date) as observed_on,
    started_at as observed_at,
    coalesce(channel, version, 'run') || case
        when outcome = 'unknown' then ': outcome unknown, ' || status
        else ': ' || outcome || ' by ' || outcome_source
    end as why,
    1.0 as weight
from finished
