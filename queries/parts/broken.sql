-- title: Where finished runs broke a declared constraint.
-- about: Needs finished. A constraint names steps, tools, systems, decisions or side effects; `error:x` is a
--   failure of x. before(a, b): no b without an earlier a. never_after(a, b): no b after an a.
--   at_most(a, n). responds(a, b): a b after every a.
with declared as (
    select workflow, unnest(cast(constraints as varchar[])) as rule
    from workflows
    where constraints is not null
),
parsed as (
    select
        workflow, rule,
        trim(split_part(rule, '(', 1)) as kind,
        trim(split_part(split_part(rule, '(', 2), ',', 1)) as first,
        trim(replace(split_part(rule, ',', 2), ')', '')) as second
    from declared
),
sides as (
    select *, 1 as side, first as subject from parsed
    union all
    select *, 2, second from parsed where kind <> 'at_most'
),
met as (
    select sides.*, steps.run_id, steps.step_id, steps.seq, coalesce(steps.started_at, steps.run_started_at) as started_at
    from sides
    join steps
        on steps.workflow = sides.workflow
        and replace(subject, 'error:', '') in (
            steps.step, steps.tool, split_part(steps.tool, '.', 1), steps.name, steps.decision_value, steps.side_effect
        )
        and (subject not like 'error:%' or steps.status = 'error' or steps.in_band_error)
    join finished on finished.run_id = steps.run_id
    where steps.run_started_at > $since and steps.run_started_at <= $as_of
),
placed as (
    select
        *,
        coalesce(sum(case when side = 1 then 1 else 0 end) over (
            partition by run_id, rule order by started_at, seq, side desc, step_id
            rows between unbounded preceding and 1 preceding
        ), 0) as firsts_before,
        coalesce(sum(case when side = 2 then 1 else 0 end) over (
            partition by run_id, rule order by started_at, seq, side desc, step_id
            rows between 1 following and unbounded following
        ), 0) as seconds_after
    from met
)
select
    workflow, run_id, step_id, started_at,
    case kind
        when 'before' then second || ': without ' || first || ' before it'
        when 'never_after' then second || ': after ' || first
        when 'at_most' then first || ': more than ' || second || ' times'
        else first || ': not followed by ' || second
    end as why
from placed
where case kind
    when 'before' then side = 2 and firsts_before = 0
    when 'never_after' then side = 2 and firsts_before > 0
    when 'at_most' then firsts_before + 1 > cast(second as integer)
    else side = 1 and seconds_after = 0
end
