"""Formats of traces, one module a line; which comes first decides nothing."""

from __future__ import annotations

from ingest.formats import Format, listed

FORMATS: tuple[Format, ...] = listed(
    __name__,
    """
    agentdojo
    agentrx
    autogen_events
    autogen_messages
    claude_code_result
    claude_code_session
    claude_code_stream
    codex_exec
    codex_rollout
    datadog_spans
    inspect_ai
    inspect_index
    jaeger
    langfuse_manifest
    langfuse_observations
    langfuse_trace
    langfuse_traces
    langsmith
    mast
    mini_swe_agent
    mlflow_frame
    mlflow_trace
    openai_agents
    openai_agents_runstate
    openhands
    opik_csv
    opik_pages
    opik_trace
    otel_console
    otel_spans
    otlp
    otlp_logs
    otlp_metrics
    phoenix_spans
    phoenix_totals
    phoenix_trace
    swe_agent
    tau2
    tau2_index
    tau_bench
    who_when
    zipkin
    """,
)
