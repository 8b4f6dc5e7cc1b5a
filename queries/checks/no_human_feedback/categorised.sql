-- id: FB-4
-- title: Is feedback categorised usefully?
-- gate: no
-- estimator: share
-- limits: 0.90 / 0.60 from 20
-- limit_kind: policy
-- good: high
-- unit: triaged items
-- needs: feedback
-- hint: Load triage (feedback_id, triaged_at, category).
-- fix: Split the largest category and merge the small ones, until people know where an item goes: {evidence}.
-- owner: product owner
-- uses: opinions
-- about: Triaged complaints with a category other than "other"; praise needs none. One category that may hold more than 60 % of
--   them, items without a category included, says no more than none: then it is never green.
with triaged as (
    select *, coalesce(nullif(trim(lower(category)), ''), 'no category') as named
    from opinions
    where triaged_at > $since and triaged_at <= $as_of
        and verdict is distinct from 'correct' and resolution is distinct from 'not_a_defect'
),
sizes as (
    select workflow, named, count(*) as items from triaged group by workflow, named
),
totals as (
    select workflow, sum(items) as items, coalesce(sum(case when named = 'no category' then items end), 0) as unnamed,
        coalesce(max(case when named not in ('other', 'no category') then items end), 0) as largest
    from sizes
    group by workflow
)
select
    triaged.workflow,
    run_id,
    step_id,
    triaged.named in ('other', 'no category') as failed,
    cast(triaged_at as date) as observed_on,
    triaged_at as observed_at,
    triaged.named || ': on ' || cast(sizes.items as varchar) || ' of ' || cast(totals.items as varchar)
        || ' triaged items' as why,
    case when triaged.named = 'no category' then 2.0 else 1.0 end as weight,
    totals.largest + totals.unnamed > 0.6 * totals.items as held
from triaged
join sizes on sizes.workflow = triaged.workflow and sizes.named = triaged.named
join totals on totals.workflow = triaged.workflow
