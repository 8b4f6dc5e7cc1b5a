-- id: MA-6
-- title: What share of spend is coordination?
-- gate: no
-- estimator: ratio
-- limits: 0.25 / 0.50 from 50
-- limit_kind: policy
-- unit: team runs
-- applies: multi
-- unless: One agent does all the work. That is the recommended start.
-- needs: steps.input_tokens (kind=llm)
-- hint: Record the role on the span of every agent: plan, handoff, supervisor, summary, or what it works on.
-- fix: Pass references instead of transcripts, and merge agents that mostly talk to each other: {evidence}.
-- owner: architecture
-- uses: step_roles
-- about: Tokens of planning, handing over, supervising and summarising for other agents, of all tokens of the
--   run. The role is the step's own, else that of its agent; a planning span and the calls below it plan.
--   Tokens of no known role count as coordination; where they are more than one in five, nothing is measured.
--   Teams name the roles themselves: calling planning work lowers this, but not the cost ratio of MA-1.
with spans as (
    select workflow, run_id, step_id, parent_step_id, kind, agent, role, run_started_at,
        coalesce(input_tokens, 0) + coalesce(output_tokens, 0) as tokens
    from steps
    where stage not in ('test', 'replay') and coalesce(agent, '') <> 'user_simulator'
        and run_started_at > $since and run_started_at <= $as_of
),
placed as (
    select
        spans.workflow, spans.run_id, spans.run_started_at, spans.tokens,
        coalesce(spans.role, spans.agent, spans.kind) as subject,
        case when spans.kind = 'plan' or parents.kind = 'plan' then true else step_roles.coordinates end as coordinates
    from spans
    left join spans as parents on parents.run_id = spans.run_id and parents.step_id = spans.parent_step_id
    left join step_roles on step_roles.run_id = spans.run_id and step_roles.step_id = spans.step_id
    where spans.tokens > 0
),
known as (
    select workflow, sum(case when coordinates is null then 0 else tokens end) * 1.0 / sum(tokens) as share
    from placed
    group by workflow
),
run_sums as (
    select workflow, run_id, run_started_at, sum(tokens) as total,
        sum(case when coalesce(coordinates, true) then tokens else 0 end) as amount,
        max(case when coalesce(coordinates, true) then subject end) as subject
    from placed
    group by workflow, run_id, run_started_at
)
select
    run_sums.workflow,
    run_id,
    cast(null as varchar) as step_id,
    amount > $limit_a * total as failed,
    cast(run_started_at as date) as observed_on,
    run_started_at as observed_at,
    coalesce(subject, 'nobody') || ': ' || cast(amount as varchar) || ' of ' || cast(total as varchar)
        || ' tokens coordinate' as why,
    cast(amount as double) as weight,
    cast(amount as double) as amount,
    cast(total as double) as total,
    case when share < 0.8 then 'needs the role of agents; ' || cast(cast(round(100 * share) as bigint) as varchar)
        || ' % of tokens have one. Else see the cost ratio of MA-1.' end as unmeasured
from run_sums
join known on known.workflow = run_sums.workflow
