-- id: MA-3
-- title: Do they ping-pong?
-- gate: no
-- estimator: share
-- limits: 0.01 / 0.05 from 100
-- limit_kind: policy
-- unit: team runs
-- applies: multi
-- unless: One agent does all the work. That is the recommended start.
-- needs: steps.agent (kind=agent)
-- hint: Record the agent's name on its span, and handoff_to on the span that hands over.
-- fix: Give one of the two the decision, and a condition to stop: {evidence}.
-- owner: architecture
-- uses: agent_spans
-- about: A bounce is a handoff that exactly reverses the one before, with no write and no new state of a shared
--   resource in between; text that agents write to each other is no progress, nor is a write to a resource that
--   only one agent ever touches. Three bounces flag a run; where max_rounds are declared, so many rounds of two
--   handoffs are allowed.
with turns as (
    select workflow, run_id, step_id, agent, seq, 0 as part from agent_spans
    union all
    select workflow, run_id, step_id, handoff_to, seq, 1
    from steps
    where handoff_to in (select agent from agent_spans where agent_spans.workflow = steps.workflow)
        and stage not in ('test', 'replay') and run_started_at > $since and run_started_at <= $as_of
),
changed as (
    select *
    from (select *, lag(agent) over (partition by run_id order by seq, step_id, part) as agent_before from turns)
    where agent_before is null or agent <> agent_before
),
handed as (
    select
        workflow, run_id, step_id, agent, seq, part,
        lag(seq) over (partition by run_id order by seq, step_id, part) as seq_before,
        coalesce(agent = lag(agent, 2) over (partition by run_id order by seq, step_id, part), false) as is_back
    from changed
),
touched as (
    select
        run_id, seq, side_effect, resource_key, output_hash,
        status = 'error' or in_band_error as failed,
        count(distinct agent) over per_resource as agents,
        count(*) over per_resource - count(agent) over per_resource as unknown,
        row_number() over (partition by run_id, resource_key, output_hash order by seq) as place
    from steps
    where (side_effect in ('write', 'external') or resource_key is not null)
        and run_id in (select run_id from handed where is_back)
        and run_started_at > $since and run_started_at <= $as_of
    window per_resource as (partition by run_id, resource_key)
),
progress as (
    select run_id, seq
    from touched
    where not failed and (
        side_effect = 'external'
        or (side_effect = 'write' and (resource_key is null or agents > 1 or unknown > 0))
        or (resource_key is not null and agents > 1 and output_hash is not null and place = 1)
    )
),
bounces as (
    select handed.run_id, count(*) as n
    from handed
    where is_back and not exists (
        select 1 from progress
        where progress.run_id = handed.run_id and progress.seq between handed.seq_before and handed.seq
    )
    group by handed.run_id
),
strips as (
    select run_id, string_agg(agent, ' → ' order by seq, step_id, part) as strip from handed group by run_id
)
select
    runs.workflow,
    runs.run_id,
    cast(null as varchar) as step_id,
    coalesce(bounces.n, 0) >= greatest(3, 2 * coalesce(max_rounds, 0)) as failed,
    cast(runs.started_at as date) as observed_on,
    runs.started_at as observed_at,
    substring(strip, 1, 200) || ': ' || case
        when bounces.n is null then 'no bounce with nothing new'
        when bounces.n = 1 then 'one bounce with nothing new'
        else cast(bounces.n as varchar) || ' bounces with nothing new'
    end as why,
    cast(coalesce(bounces.n, 0) as double) as weight
from strips
join runs on runs.run_id = strips.run_id
left join bounces on bounces.run_id = strips.run_id
left join workflows on workflows.workflow = runs.workflow
