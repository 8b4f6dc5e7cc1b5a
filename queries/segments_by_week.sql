-- title: How did every segment go in the last week and in the one before?
-- returns: workflow varchar, dimension varchar, segment varchar, unit varchar, week varchar, day date,
--   total bigint, known bigint, successes bigint
-- about: Two windows of seven days that end at $as_of, by default the store's; week is last or before.
--   One row a segment and UTC day, so that both weeks are sums and days that clump show. Tools and
--   declared steps count logical calls, the rest counts runs: known are those of known outcome, and
--   those that were not kept for their error. A run belongs to every model and agent it used: these
--   segments overlap. Test and replay are left out.
with clock as (
    select coalesce(cast($as_of as timestamp), max(as_of)) as as_of from store_state
),
judged as (
    select
        run_id, workflow, stage, version, channel,
        case when started_at > as_of - interval 7 day then 'last' else 'before' end as week,
        cast(started_at as date) as day,
        case when outcome <> 'unknown' and coalesce(sampled_by, '') <> 'tail_error' then 1 else 0 end as known,
        case when outcome = 'success' and coalesce(sampled_by, '') <> 'tail_error' then 1 else 0 end as successes
    from runs cross join clock
    where started_at > as_of - interval 14 day and started_at <= as_of and stage not in ('test', 'replay')
),
own_steps as (
    select
        run_id, workflow, agent, step, kind, tool,
        coalesce(response_model, model) as model,
        case when run_started_at > as_of - interval 7 day then 'last' else 'before' end as week,
        cast(run_started_at as date) as day,
        case when coalesce(attempt, 1) = 1 then 1 else 0 end as calls,
        case when status = 'error' or in_band_error then 1 else 0 end as errors
    from steps cross join clock
    where run_started_at > as_of - interval 14 day and run_started_at <= as_of
        and stage not in ('test', 'replay') and coalesce(agent, '') <> 'user_simulator'
),
used as (
    select distinct run_id, 'agent' as dimension, agent as segment from own_steps where agent is not null
    union all
    select distinct run_id, 'model', model from own_steps where model is not null
),
called as (
    select workflow, 'tool' as dimension, tool as segment, week, day, calls, errors
    from own_steps
    where kind = 'tool' and tool is not null
    union all
    select workflow, 'step', step, week, day, calls, errors from own_steps where step is not null
),
cells as (
    select workflow, 'workflow' as dimension, workflow as segment, week, day, known, successes from judged
    union all
    select workflow, 'channel', coalesce(channel, 'not recorded'), week, day, known, successes from judged
    union all
    select workflow, 'version', coalesce(version, 'not recorded'), week, day, known, successes from judged
    union all
    select workflow, 'stage', stage, week, day, known, successes from judged
    union all
    select judged.workflow, used.dimension, used.segment, judged.week, judged.day, judged.known, judged.successes
    from used
    join judged on judged.run_id = used.run_id
)
select
    workflow, dimension, segment, 'runs' as unit, week, day,
    count(*) as total,
    cast(sum(known) as bigint) as known,
    cast(sum(successes) as bigint) as successes
from cells
group by workflow, dimension, segment, week, day
union all
select
    workflow, dimension, segment, 'calls', week, day,
    cast(sum(calls) as bigint),
    cast(sum(calls) as bigint),
    cast(sum(calls) - greatest(sum(errors) - sum(1 - calls), 0) as bigint)
from called
group by workflow, dimension, segment, week, day
order by workflow, dimension, segment, day, week
