create or replace temp table counted_steps as
select
    s.run_started_at, s.workflow, s.stage, r.environment, r.channel, s.version,
    case when step_names.name is null then 'other' else step_names.name end as step,
    s.kind,
    case when s.agent is null then null else coalesce(agent_names.name, 'other') end as agent,
    case when s.tool is null then null else coalesce(tool_names.name, 'other') end as tool,
    case when s.model is null then null else coalesce(model_names.name, 'other') end as model,
    case when r.time_source = 'load' then null else s.duration_ms end as duration_ms,
    s.self_ms, s.critical_ms, s.status, s.in_band_error, s.attempt, s.cost_usd,
    s.input_tokens, s.output_tokens, s.cache_read_tokens, s.cache_write_tokens, s.reasoning_tokens
from steps s
join runs r using (run_id)
left join kept_names step_names on step_names.workflow = s.workflow and step_names.what = 'step'
    and step_names.name = coalesce(s.step, s.tool, s.name)
left join kept_names agent_names on agent_names.workflow = s.workflow
    and agent_names.what = 'agent' and agent_names.name = s.agent
left join kept_names tool_names on tool_names.workflow = s.workflow
    and tool_names.what = 'tool' and tool_names.name = s.tool
left join kept_names model_names on model_names.workflow = s.workflow
    and model_names.what = 'model' and model_names.name = s.model
where s.run_started_at::date in (select day from rollup_days);

delete from rollup_steps
where (select flag from all_days)
    or (grain = 'day' and period_at::date in (select day from rollup_days))
    or (grain = 'hour' and (
        period_at::date in (select day from rollup_days)
        or period_at < (select max(started_at) from runs) - interval 31 days
    ));

insert into rollup_steps by name
with grains as (select unnest(['day', 'hour']) as grain)
select
    grain, date_trunc(grain, run_started_at)::timestamp as period_at,
    workflow, stage, environment, channel, version, step, kind, agent, tool, model,
    count(*) as steps,
    count(duration_ms) as timed_steps,
    count(*) filter (where status = 'error' or in_band_error) as errors,
    count(*) filter (where in_band_error) as in_band_errors,
    count(*) filter (where attempt = 1) as first_attempts,
    sum(duration_ms) as duration_ms, sum(self_ms) as self_ms, sum(critical_ms) as critical_ms,
    sum(cost_usd) as cost_usd, count(cost_usd) as costed_steps,
    sum(input_tokens)::bigint as input_tokens,
    sum(output_tokens)::bigint as output_tokens,
    sum(cache_read_tokens)::bigint as cache_read_tokens,
    sum(cache_write_tokens)::bigint as cache_write_tokens,
    sum(reasoning_tokens)::bigint as reasoning_tokens
from counted_steps, grains
where grain = 'day' or run_started_at >= (select max(started_at) from runs) - interval 31 days
group by all
order by grain, period_at, workflow, step;

delete from rollup_steps_hist
where (select flag from all_days) or day in (select day from rollup_days);

insert into rollup_steps_hist by name
select
    run_started_at::date as day, workflow, stage, environment, channel, version,
    step, kind, agent, tool, model,
    (case when duration_ms <= 0 then -32768 else ceil(ln(duration_ms) / ln(1.02)) end)::smallint
        as bucket,
    count(*) as n
from counted_steps
where duration_ms is not null
group by all
order by day, workflow, step, bucket;

delete from rollup_steps_hist_week
where (select flag from all_days)
    or week in (select date_trunc('week', day)::date from rollup_days);

insert into rollup_steps_hist_week by name
select
    date_trunc('week', day)::date as week, workflow, stage, environment, channel, version,
    step, kind, agent, tool, model, bucket, sum(n)::bigint as n
from rollup_steps_hist
where (select flag from all_days)
    or date_trunc('week', day)::date in (select date_trunc('week', day)::date from rollup_days)
group by all
order by week, workflow, step, bucket;
