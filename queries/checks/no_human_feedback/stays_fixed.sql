-- id: FB-6
-- title: Do fixed problems stay fixed?
-- gate: no
-- estimator: recurrence
-- limits: 0.05 / 1 from 10
-- limit_kind: policy
-- unit: reports of one fixed category before its fix
-- window: 180
-- needs: feedback
-- hint: Load triage (feedback_id, category, resolution, resolved_at).
-- fix: Open the defect again and replay the case it came from: {evidence}.
-- owner: product owner
-- uses: finished, opinions, reviews
-- about: How often a category is reported after its fix against before, by when the run started, of the
--   category least shown to have fallen (exact conditional test). The fix is the first that enough
--   reports went before, else the last. Sampled reviews are counted where they hold enough reports, else
--   finished runs; and because attention wanes, as many fewer runs count after the fix as the reports
--   of categories that were not fixed fell. Reports without a category could be of any: runs count by the
--   share of reports that have one.
with reports as (
    select *, case when category is null then 0 else 1 end as is_named,
        row_number() over (partition by workflow, category order by run_started_at, feedback_id) as place
    from opinions
    where run_started_at > $since and verdict is distinct from 'correct' and source <> 'evaluator'
        and coalesce(resolution, 'open') not in ('duplicate', 'not_a_defect')
),
fixes as (
    select fixed.workflow, fixed.category,
        coalesce(
            min(case when fixed.resolved_at >= reached.run_started_at then fixed.resolved_at end), max(fixed.resolved_at)
        ) as fixed_at
    from reports as fixed
    left join reports as reached
        on reached.workflow = fixed.workflow and reached.category = fixed.category and reached.place = $n_min
    where fixed.resolution = 'fixed' and fixed.category is not null and fixed.resolved_at <= $as_of
    group by fixed.workflow, fixed.category
),
basis as (
    select fixes.*, false as of_sample from fixes
    union all
    select fixes.*, true from fixes
),
exposure as (
    select workflow, started_at, false as of_sample from finished
    union all
    select workflow, run_started_at, true from reviews where run_started_at > $since
),
exposed as (
    select basis.workflow, basis.category, basis.of_sample,
        sum(case when started_at <= fixed_at then 1.0 else 0 end) as before,
        sum(case when started_at > fixed_at then 1.0 else 0 end) as after
    from basis
    join exposure on exposure.workflow = basis.workflow and exposure.of_sample = basis.of_sample
    group by basis.workflow, basis.category, basis.of_sample
),
counted as (
    select basis.workflow, basis.category, basis.of_sample, basis.fixed_at,
        count(case when reports.category = basis.category and run_started_at <= basis.fixed_at then 1 end) as events_before,
        count(case when reports.category = basis.category and run_started_at > basis.fixed_at then 1 end) as events_after,
        count(case when own.category is null and run_started_at <= basis.fixed_at then reports.category end) as others_before,
        count(case when own.category is null and run_started_at > basis.fixed_at then reports.category end) as others_after,
        coalesce(avg(case when run_started_at <= basis.fixed_at then is_named end), 1) as named_before,
        coalesce(avg(case when run_started_at > basis.fixed_at then is_named end), 1) as named_after
    from basis
    join reports on reports.workflow = basis.workflow and (not basis.of_sample or reports.source = 'sampled_review')
    left join fixes as own on own.workflow = reports.workflow and own.category = reports.category
    group by basis.workflow, basis.category, basis.of_sample, basis.fixed_at
),
unjudged as (
    select workflow, count(*) as reviews, count(*) - count(verdict) as lacking
    from opinions
    where source = 'sampled_review' and run_started_at > $since
    group by workflow
),
judged as (
    select counted.*, exposed.before * named_before as total_before,
        exposed.after * named_after * case
            when counted.of_sample or others_before < $n_min then 1
            else least(1, (others_after + 0.5) / exposed.after / ((others_before + 0.5) / exposed.before))
        end as total_after
    from counted
    join exposed on exposed.workflow = counted.workflow and exposed.category = counted.category
        and exposed.of_sample = counted.of_sample
    where exposed.before * named_before > 0 and exposed.after * named_after > 0
        and (not counted.of_sample or events_before >= $n_min)
    qualify row_number() over (
        partition by counted.workflow, counted.category order by case when counted.of_sample then 0 else 1 end
    ) = 1
)
select
    judged.workflow,
    cast(null as varchar) as run_id,
    cast(null as varchar) as step_id,
    events_after > 0 as failed,
    cast(fixed_at as date) as observed_on,
    fixed_at as observed_at,
    category || ': ' || cast(events_before as varchar) || ' reports on ' || cast(cast(total_before as bigint) as varchar)
        || ' before the fix, ' || cast(events_after as varchar) || ' on '
        || cast(cast(round(total_after) as bigint) as varchar) || ' after' as why,
    1 + events_after / total_after as weight,
    cast(events_before as double) as events_before,
    total_before,
    cast(events_after as double) as events_after,
    total_after,
    case when unjudged.lacking > 0.2 * unjudged.reviews then 'the verdict is missing on '
        || cast(unjudged.lacking as varchar) || ' of ' || cast(unjudged.reviews as varchar) || ' sampled reviews.' end
        as unmeasured
from judged
left join unjudged on unjudged.workflow = judged.workflow
union all
select
    reports.workflow,
    reports.run_id,
    reports.step_id,
    true,
    cast(reports.created_at as date),
    reports.created_at,
    reports.category || ': reported again' || coalesce(' on version ' || reports.version, ''),
    1.0,
    null,
    null,
    null,
    null,
    null
from reports
join judged on judged.workflow = reports.workflow and judged.category = reports.category
where reports.run_started_at > judged.fixed_at
