-- id: COST-2
-- title: Does our estimate match the invoice?
-- gate: production
-- production_gate: green
-- production_level: E3
-- estimator: gap
-- limits: 0.05 / 0.15 from 7
-- limit_kind: policy
-- level: E3
-- unit: closed invoice days
-- window: 62
-- hint: Load the provider's invoice or usage export as costs, with model and period.
-- fix: Start at the largest difference: {evidence}.
-- owner: finance and engineering
-- about: Traced less invoiced over invoiced, of the provider with the widest gap; below zero is use that
--   no trace saw. A period is closed when it is final, or seven days after its end. Where the invoice does
--   not name the workflow, the whole provider is compared: those who share a key share the gap. Credits,
--   tax, hosting, evaluation and people are no part of it.
with billed as (
    select provider, source, coalesce(is_final, period_end <= $as_of::timestamp - interval 7 day) as is_closed,
        cast(period_start as date) + cast(unnest(range(1 + greatest(0, date_diff('day', period_start,
            period_end - interval 1 microsecond)))) as integer) as day
    from costs
    where source in ('invoice', 'usage_api') and period_end > $since and period_start <= $as_of
),
periods as (
    select provider,
        greatest(min(day), cast($since as date)) as first_day,
        least(max(day) filter (where is_closed),
            coalesce(min(day) filter (where not is_closed) - 1, date '9999-12-31')) as last_day
    from billed
    group by provider
    having bool_or(is_closed)
),
amounts as (
    select costs.provider, costs.workflow, coalesce(costs.model, 'no model named') as model,
        min(costs.rank) over (partition by costs.provider, costs.day) as best, costs.rank,
        costs.cost_usd, costs.unpriced_lines, periods.first_day, periods.last_day
    from rollup_costs as costs
    left join periods on periods.provider = costs.provider
        and costs.day between periods.first_day and periods.last_day
    where costs.rank in (1, 2, 6) and costs.day >= cast($since as date)
        and costs.category not in ('credit', 'tax', 'infra', 'observability', 'human_review', 'evaluation')
),
lines as (
    select provider, workflow, model, first_day, last_day,
        sum(case when rank = 6 then cost_usd else 0 end) as traced_usd,
        sum(case when rank = best and rank < 6 then cost_usd else 0 end) as invoiced_usd,
        bool_or(rank = best and rank < 6 and unpriced_lines > 0) as is_unconverted,
        bool_or(rank = best and rank < 6) as is_invoiced,
        bool_or(rank = 6) as is_traced
    from amounts
    group by all
),
users as (
    select workflow, provider, bool_or(is_invoiced) as is_named,
        sum(traced_usd) as traced_usd,
        case when bool_or(last_day is not null) then sum(traced_usd) else 0 end as reconciled_usd
    from lines
    where workflow is not null
    group by workflow, provider
),
covered as (
    select workflow, sum(traced_usd) as traced_usd, sum(reconciled_usd) as reconciled_usd
    from users
    group by workflow
),
compared as (
    select users.workflow, lines.provider, lines.model, lines.first_day, lines.last_day,
        round(sum(lines.traced_usd), 9) as traced_usd, round(sum(lines.invoiced_usd), 9) as invoiced_usd,
        bool_or(is_unconverted) as is_unconverted, bool_or(is_invoiced) as is_invoiced, bool_or(is_traced) as is_traced
    from users
    join lines on lines.provider = users.provider and lines.last_day is not null
        and (not users.is_named or lines.workflow = users.workflow)
    group by all
)
select
    covered.workflow,
    cast(null as varchar) as run_id,
    cast(null as varchar) as step_id,
    abs(compared.traced_usd - invoiced_usd) > $limit_a * invoiced_usd as failed,
    coalesce(last_day, cast($as_of as date)) as observed_on,
    cast(coalesce(last_day, cast($as_of as date)) as timestamp) as observed_at,
    coalesce(provider || ' ' || model || ': traced $' || printf('%.2f', compared.traced_usd)
        || ', invoiced $' || printf('%.2f', invoiced_usd), 'no closed invoice') || case
        when not is_traced then ', never traced'
        when not is_invoiced then ', not on the invoice'
        when compared.traced_usd < invoiced_usd then ', untraced use or prices too low'
        when compared.traced_usd > invoiced_usd then ', counted twice or prices too high'
        else '' end as why,
    coalesce(abs(compared.traced_usd - invoiced_usd), 0) as weight,
    provider as subject,
    compared.traced_usd as amount,
    invoiced_usd as total,
    date_diff('day', first_day, last_day) + 1 as days,
    case
        when provider is null then coalesce('traces estimate $' || printf('%.2f', covered.traced_usd), 'no cost is known')
            || '. Not reconciled: needs one closed provider invoice or usage export.'
        when reconciled_usd < 0.8 * covered.traced_usd then 'closed invoices cover only '
            || cast(cast(floor(100 * reconciled_usd / covered.traced_usd) as bigint) as varchar)
            || ' % of the traced spend.'
        when bool_or(is_unconverted) over (partition by covered.workflow) then 'the invoice has amounts in a '
            || 'currency without a rate. Load fx_rates.'
    end as unmeasured
from covered
left join compared on compared.workflow = covered.workflow
