-- What the newest finished runs of one workflow did. `asked` holds its name.
-- All runs are taken where the newest four weeks hold fewer than 30.
create or replace temp table observed_runs as
with finished as (
    select runs.* from runs, store_state
    where workflow = (select workflow from asked) and stage not in ('test', 'replay')
        and (started_at <= as_of or time_source = 'load')
        and (ended_at is not null or started_at <= as_of - interval 24 hour
            or (time_source = 'load' and status <> 'running'))
),
newest as (
    select * from finished where started_at > (select max(started_at) from finished) - interval 28 day
)
select * from newest where (select count(*) from newest) >= 30
union all
select * from finished where (select count(*) from newest) < 30;

-- `family` and `known_as` are what a step may be declared as; raw model calls are no steps. `above` are the agents a
-- step runs in.
create or replace temp table observed_steps as
with named as (
    select
        run_id, step_id, seq, started_at, ended_at, kind, decision, system, is_executed,
        case when kind = 'tool' then coalesce(nullif(tool, ''), name) else name end as name,
        case when kind = 'agent' then nullif(agent, '') end as agent,
        case
            when kind <> 'agent' or coalesce(agent, '') = '' then agent_path
            when length(agent_path) > length(agent) then left(agent_path, length(agent_path) - length(agent) - 3)
        end as above,
        coalesce(side_effect_recorded, side_effect) as side_effect,
        status = 'error' or in_band_error as failed,
        coalesce(error_class, 'unknown') as error_class,
        case
            when agent = 'user_simulator' then null
            when kind in ('tool', 'agent', 'human') then kind
            when kind <> 'guardrail' and decision <> '' then 'decision'
        end as family
    from steps
    where run_id in (select run_id from observed_runs)
)
select
    *,
    case family when 'agent' then coalesce(agent, name) when 'decision' then decision else name end as whole_name,
    left(whole_name, 120) as known_as
from named;

-- An agent that all the rest of its runs is inside of is the run itself, not a step of it.
create or replace temp table observed_wholes as
with tops as (
    select run_id, min(known_as) as agent
    from observed_steps
    where family is not null and above is null
    group by run_id
    having bool_and(family = 'agent') and min(known_as) = max(known_as)
),
filled as (select distinct run_id from observed_steps where family is not null and above is not null),
sole as (select agent, count(*) as runs from tops join filled using (run_id) group by agent),
seen as (
    select known_as as agent, count(distinct run_id) as runs from observed_steps where family = 'agent' group by 1
)
select agent from sole join seen using (agent) where 2 * sole.runs > seen.runs;

create or replace temp table observed_names as
with ranked as (
    select
        *,
        family = 'agent' and known_as in (from observed_wholes) as is_whole,
        above is not null and above not in (from observed_wholes) as is_inside,
        row_number() over (partition by run_id order by started_at, seq, step_id) as nth
    from observed_steps
    where family is not null
),
firsts as (
    select run_id, family, known_as, rank() over (partition by run_id order by min(nth)) as first_place
    from ranked
    group by run_id, family, known_as
),
placed as (
    select family, known_as, median(first_place) as place, avg(first_place) as mean_place
    from firsts
    group by family, known_as
)
select
    family, known_as,
    any_value(place) as place,
    count(distinct run_id) as runs,
    count(*) as spans,
    bool_or(length(whole_name) > length(known_as)) as is_cut,
    bool_or(is_whole) as is_whole,
    avg(is_inside::int) > 0.5 as is_inside,
    mode(system) as system,
    count(system) as with_system,
    2 * count(decision) > count(*) as decides
from ranked join placed using (family, known_as)
group by family, known_as
order by any_value(place), any_value(mean_place), runs desc, family, known_as;

create or replace temp table observed_kinds as
select kind, name, agent, decision, any_value(family) as family, any_value(known_as) as known_as
from observed_steps
group by kind, name, agent, decision
order by count(*) desc, kind, name, agent, decision
limit 20000;

create or replace temp table observed_tools as
select
    name as tool,
    count(distinct run_id) as runs,
    count(*) as calls,
    max(array_position(['none', 'read', 'write', 'external'], side_effect)) as effect,
    count(side_effect) as with_effect
from observed_steps
where family = 'tool' and coalesce(is_executed, true)
group by name
order by runs desc, tool;

create or replace temp table observed_failures as
select name as tool, error_class, count(*) as calls, count(distinct run_id) as runs
from observed_steps
where family = 'tool' and failed
group by name, error_class
order by calls desc, tool, error_class;

create or replace temp table observed_approvals as
select action, count(*) as requests from approvals
where run_id in (select run_id from observed_runs) and is_seeded_test is distinct from true
group by action
order by requests desc, action;

create or replace temp table observed_words as
with told as (
    select 'stage' as part, stage as word from runs where workflow = (select workflow from asked)
    union all select 'channel', channel from observed_runs
    union all select 'inputs', input_source from observed_runs
    union all select 'outputs', output_sink from observed_runs
)
select part, word, count(*) as runs from told where trim(word) <> '' group by part, word order by part, runs desc, word;

create or replace temp table observed_facts as
select
    count(*) as runs,
    min(started_at) filter (time_source <> 'load') as first_at,
    max(started_at) filter (time_source <> 'load') as last_at,
    count(*) filter (time_source <> 'load') as dated,
    count(*) filter (outcome <> 'unknown') as known,
    count(*) filter (outcome = 'success') as successes,
    count(machine_ms) as timed,
    quantile_cont(machine_ms, 0.5) / 1000 as median_s,
    quantile_cont(machine_ms, 0.95) / 1000 as p95_s,
    count(cost_usd) as costed,
    sum(cost_usd) as cost_usd,
    max(cost_usd) as dearest_usd
from observed_runs;
