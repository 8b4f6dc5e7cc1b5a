-- title: What happened inside this run, in order?
-- returns: step_id varchar, parent_step_id varchar, seq bigint, depth bigint, kind varchar,
--   name varchar, step varchar, agent varchar, agent_path varchar, reenters_agent boolean,
--   role varchar, handoff_to varchar, tool varchar, system varchar, model varchar,
--   response_model varchar, provider varchar, prompt_version varchar, started_at timestamp,
--   ended_at timestamp, duration_ms double, self_ms double, critical_ms double, ttft_ms double,
--   status varchar, error_class varchar, error_type varchar, error_message varchar,
--   http_status bigint, in_band_error boolean, attempt bigint, retry_after_ms double,
--   input_tokens bigint, output_tokens bigint, cache_read_tokens bigint,
--   cache_write_tokens bigint, reasoning_tokens bigint, cost_usd double, cost_source varchar,
--   finish_reason varchar, side_effect varchar, is_gated boolean, is_executed boolean,
--   principal varchar, resource_key varchar, decision varchar, decision_value varchar,
--   has_input boolean, has_output boolean, has_rationale boolean
-- about: step is the declared step the name maps to, null where there is none.
select
    step_id, parent_step_id, seq, depth, kind, name, step, agent, agent_path, reenters_agent, role,
    handoff_to, tool, system, model, response_model, provider, prompt_version, started_at, ended_at,
    duration_ms, self_ms, critical_ms, ttft_ms, status, error_class, error_type, error_message, http_status,
    in_band_error, attempt, retry_after_ms, input_tokens, output_tokens, cache_read_tokens,
    cache_write_tokens, reasoning_tokens, cost_usd, cost_source, finish_reason, side_effect, is_gated,
    is_executed, principal, resource_key, decision, decision_value, has_input, has_output, has_rationale
from steps
where run_id = $run_id
order by seq, step_id
