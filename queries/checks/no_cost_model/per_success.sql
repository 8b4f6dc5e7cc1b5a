-- id: COST-5
-- title: What does a successful outcome cost?
-- gate: no
-- estimator: per_success
-- limits: 1 / 1.25 from 30
-- limit_kind: policy
-- unit: successes
-- needs: workflows by workflow
-- hint: Declare fixed_monthly_usd, review, and value_per_outcome or human_baseline.cost.
-- fix: Cut what is spent without an outcome first: {evidence}.
-- owner: finance and engineering
-- beside: success
-- uses: billable, run_costs, counted, spent, outcome_costs
-- about: All cost of complete days (failed and abandoned runs, retries, review by people, fixed cost by the
--   day) over successes, against the value of an outcome or what a person costs, whichever is less. Interval
--   by day. A looser definition of success lowers it: read it beside the success rate and its source.
with home as (
    select workflow, least(value_per_outcome_usd, (human_baseline->>'cost')::double) as target from workflows
)
select
    rows.workflow,
    run_id,
    cast(null as varchar) as step_id,
    total = 0 or amount > target as failed,
    day as observed_on,
    observed_at,
    subject || ': $' || printf('%.4f', amount) as why,
    amount as weight,
    amount,
    total,
    coalesce(target, 1) as target,
    coalesce(unknown_cost, undeclared, case when target is null then 'a success costs $'
        || coalesce(printf('%.2f', sum(amount) over of_workflow / nullif(sum(total) over of_workflow, 0)), '?')
        || ', but there is no target. Declare value_per_outcome or human_baseline.cost.' end) as unmeasured
from outcome_costs as rows
join home on home.workflow = rows.workflow
window of_workflow as (partition by rows.workflow)
