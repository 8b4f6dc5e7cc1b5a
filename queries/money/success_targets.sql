-- title: What may a success cost, and how many runs a month are expected?
-- returns: workflow varchar, target_usd double, monthly_runs double
-- about: The target is the declared value of an outcome or what a person costs, whichever is less; null where
--   neither is declared.
select workflow, least(value_per_outcome_usd, (human_baseline->>'cost')::double) as target_usd,
    expected_monthly_volume as monthly_runs
from workflows
order by workflow
