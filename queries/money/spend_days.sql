-- title: What did each of the last fourteen weeks' days cost the programme, or one part of it?
-- returns: day date, cost_usd double, lines bigint, unpriced_lines bigint, sources varchar
-- uses: counted
-- about: $item is one of what $by names: a workflow, team, model, provider, kind of charge or stage, by the best
--   record that names them; a budgeted tag; a version, channel, tool, step or agent, as traced. Without $by it
--   is the programme; with $workflow it is the part of these, by the record that counts for workflows. Days
--   without a record are absent; days not over at $as_of are there as far as they went.
with lines as (
    select day, cost_usd, lines, unpriced_lines, source
    from counted
    where case when $workflow is not null then in_workflow and workflow in (select unnest($workflow::varchar[]))
            when $by is null then in_total else in_label end
        and ($by is null or label = $item)
    union all
    select cast(period_at as date), cost_usd, runs, runs - costed_runs, 'traces'
    from rollup_runs
    where grain = 'day' and case $by when 'version' then version when 'channel' then channel end = $item
        and ($workflow is null or workflow in (select unnest($workflow::varchar[])))
    union all
    select cast(period_at as date), cost_usd, case when kind = 'llm' or cost_usd is not null then steps else 0 end,
        case when kind = 'llm' or cost_usd is not null then steps - costed_steps else 0 end, 'traces'
    from rollup_steps
    where grain = 'day' and agent is distinct from 'user_simulator'
        and case $by when 'tool' then tool when 'step' then step when 'agent' then agent end = $item
        and ($workflow is null or workflow in (select unnest($workflow::varchar[])))
)
select day, sum(cost_usd) as cost_usd, cast(sum(lines) as bigint) as lines, cast(sum(unpriced_lines) as bigint) as unpriced_lines,
    string_agg(distinct source, ', ' order by source) as sources
from lines
where day > cast($as_of::timestamp - interval 1 microsecond as date) - interval 98 day
    and day <= cast($as_of::timestamp - interval 1 microsecond as date)
group by day
order by day
