-- title: What does each workflow, model, team, version or tool cost?
-- returns: label varchar, cost_usd double, previous_cost_usd double, runs bigint, successes bigint,
--   lines bigint, unpriced_lines bigint, source varchar
-- uses: counted
-- about: $by is workflow, team, model, provider, category or stage, by the best record that names them, unscaled;
--   or version, channel, tool, step or agent, as traced. What the counting record holds beyond them is one row
--   without a label. Previous is the same length of time before. What a run or a success costs is asked of
--   success_days: this spend holds replays, and lacks review and fixed cost.
with bounds as (
    select $since::timestamp as since, $until::timestamp as until,
        coalesce($by, 'workflow') in ('version', 'channel', 'tool', 'step', 'agent') as is_traced
),
lines as (
    select day, label, cost_usd, lines, unpriced_lines, rank
    from counted cross join bounds
    where not is_traced and case when $workflow is null then in_label
        else in_workflow and workflow in (select unnest($workflow::varchar[])) end
    union all
    select day, null, case when in_total then cost_usd else -cost_usd end, case when in_total then lines else -lines end,
        case when in_total then unpriced_lines else -unpriced_lines end, case when in_total then rank end
    from counted cross join bounds
    where not is_traced and $workflow is null and in_total <> in_label
    union all
    select cast(period_at as date), case $by when 'version' then version when 'channel' then channel end, cost_usd, runs,
        runs - costed_runs, 6
    from rollup_runs
    where grain = 'day' and $by in ('version', 'channel')
        and ($workflow is null or workflow in (select unnest($workflow::varchar[])))
    union all
    select cast(period_at as date), case $by when 'tool' then tool when 'agent' then agent else step end, cost_usd,
        case when kind = 'llm' or cost_usd is not null then steps else 0 end,
        case when kind = 'llm' or cost_usd is not null then steps - costed_steps else 0 end, 6
    from rollup_steps
    where grain = 'day' and agent is distinct from 'user_simulator' and $by in ('tool', 'step', 'agent')
        and ($workflow is null or workflow in (select unnest($workflow::varchar[])))
),
amounts as (
    select label,
        sum(cost_usd) filter (where day >= since and day < until) as cost_usd,
        sum(cost_usd) filter (where day >= since - (until - since) and day < since) as previous_cost_usd,
        cast(sum(lines) filter (where day >= since and day < until) as bigint) as lines,
        cast(sum(unpriced_lines) filter (where day >= since and day < until) as bigint) as unpriced_lines,
        min(rank) filter (where day >= since and day < until) as rank
    from lines cross join bounds
    group by label
),
done as (
    select case $by when 'version' then version when 'channel' then channel when 'stage' then stage else workflow end as label,
        cast(sum(runs) as bigint) as runs, cast(sum(successes) as bigint) as successes
    from rollup_runs
    where grain = 'day' and period_at >= $since and period_at < $until
        and coalesce($by, 'workflow') in ('workflow', 'version', 'channel', 'stage')
        and ($workflow is null or workflow in (select unnest($workflow::varchar[])))
    group by all
)
select
    amounts.label,
    amounts.cost_usd,
    previous_cost_usd,
    done.runs,
    done.successes,
    amounts.lines,
    amounts.unpriced_lines,
    case rank when 1 then 'invoice' when 2 then 'usage_api' when 3 then 'gateway_log' when 4 then 'client_log'
        when 5 then 'manual' when 6 then 'traces' end as source
from amounts
left join done on done.label = amounts.label
where case when amounts.label is null then abs(amounts.cost_usd) >= 0.005 else amounts.lines > 0 end
order by amounts.label is null, amounts.cost_usd desc nulls last, amounts.label
