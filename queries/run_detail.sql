-- title: What is known of this run?
-- returns: run_id varchar, workflow varchar, stage varchar, started_at timestamp,
--   time_source varchar, status varchar, outcome varchar, outcome_source varchar,
--   recovered boolean, environment varchar, version varchar, channel varchar, ended_at timestamp,
--   duration_ms double, termination_reason varchar, score double, error_class varchar,
--   error_message varchar, session_id varchar, user_hash varchar, case_id varchar,
--   parent_run_id varchar, task_key varchar, architecture varchar, input_hash varchar,
--   input_source varchar, output_sink varchar, user_visible boolean, sample_prob double,
--   sampled_by varchar, scheduled_at timestamp, input_tokens bigint, output_tokens bigint,
--   cache_read_tokens bigint, cache_write_tokens bigint, reasoning_tokens bigint,
--   cost_usd double, machine_ms double, n_steps bigint, n_llm_calls bigint, n_tool_calls bigint,
--   n_agents bigint, cost_source varchar, source_id varchar, attributes json
select
    run_id, workflow, stage, started_at, time_source, status, outcome, outcome_source, recovered,
    environment, version, channel, ended_at, duration_ms, termination_reason, score, error_class,
    error_message, session_id, user_hash, case_id, parent_run_id, task_key, architecture, input_hash,
    input_source, output_sink, user_visible, sample_prob, sampled_by, scheduled_at, input_tokens,
    output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens, cost_usd, machine_ms, n_steps,
    n_llm_calls, n_tool_calls, n_agents, cost_source, source_id, attributes
from runs
where run_id = $run_id
order by run_id
