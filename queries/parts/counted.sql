-- title: Every line of spend of every record, and whether it counts: one truth per dollar.
-- about: `in_total` marks the lines of the best record of their provider and day, which alone counts.
--   `in_workflow` marks those that count for their workflow, `in_label` those that count for their `label` (a
--   team, model, provider, kind of charge or stage, or the budgeted tag $item, as $by says): the best record that
--   labels all its lines, credits and taxes apart, else the best that labels any. A record that leaves spend
--   without a label stands behind one that labels all. The team of a line without one is that of its workflow. Never two records of a provider and day.
with labelled as (
    select costs.*,
        case coalesce($by, 'workflow') when 'team' then coalesce(costs.team, workflows.team) when 'model' then model when 'provider' then provider
            when 'category' then category when 'stage' then costs.stage
            when 'tag' then case when list_contains(cast(tags as varchar[]), $item) then $item end
            when 'workflow' then costs.workflow end as label
    from rollup_costs as costs
    left join workflows on workflows.workflow = costs.workflow
),
records as (
    select day, provider, rank,
        bool_or(cost_usd is not null) as is_known,
        bool_or(label is not null) as labels_some,
        bool_or(label is not null and cost_usd is not null) as knows_label,
        bool_and(label is not null or category in ('credit', 'tax', 'other')) as labels_all,
        bool_or(workflow is not null) as names_some,
        bool_or(workflow is not null and cost_usd is not null) as knows_workflow,
        bool_and(workflow is not null or category in ('credit', 'tax', 'other')) as names_all
    from labelled
    group by day, provider, rank
),
best as (
    select day, provider,
        min(rank) filter (where is_known) as of_total,
        coalesce(min(rank) filter (where knows_label and labels_all), min(rank) filter (where knows_label),
            min(rank) filter (where labels_some)) as of_label,
        coalesce(min(rank) filter (where knows_workflow and names_all), min(rank) filter (where knows_workflow),
            min(rank) filter (where names_some)) as of_workflow
    from records
    group by day, provider
)
select labelled.*,
    rank is not distinct from of_total as in_total,
    label is not null and rank is not distinct from of_label as in_label,
    workflow is not null and rank is not distinct from of_workflow as in_workflow
from labelled
join best on best.day = labelled.day and best.provider = labelled.provider
