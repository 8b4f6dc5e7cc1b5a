-- title: What does the store hold, and as of when?
-- returns: as_of timestamp, generation bigint, published_at timestamp, runs bigint, steps bigint,
--   sources bigint, rejected bigint, first_run_at timestamp, last_run_at timestamp,
--   undated_runs bigint, unresolved_feedback bigint, known_outcomes bigint, model_calls bigint,
--   costed_calls bigint
-- about: One row always. Undated runs have no time of their own and stay out of time charts.
select
    (select max(as_of) from store_state) as as_of,
    (select max(generation) from store_state) as generation,
    (select max(published_at) from store_state) as published_at,
    (select count(*) from runs) as runs,
    (select count(*) from steps) as steps,
    (select count(*) from sources) as sources,
    (select cast(coalesce(sum(rejected), 0) as bigint) from sources) as rejected,
    (select min(started_at) from runs where time_source <> 'load') as first_run_at,
    (select max(started_at) from runs where time_source <> 'load') as last_run_at,
    (select count(*) from runs where time_source = 'load') as undated_runs,
    (select count(*) from feedback where run_id is null) as unresolved_feedback,
    (select count(*) from runs where outcome <> 'unknown') as known_outcomes,
    (select count(*) from steps where kind = 'llm' and agent is distinct from 'user_simulator') as model_calls,
    (select count(*) from steps where kind = 'llm' and agent is distinct from 'user_simulator'
        and cost_usd is not null) as costed_calls
