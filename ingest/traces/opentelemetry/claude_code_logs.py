"""Log records of Claude Code: its model calls with their dollars, tool calls and decisions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ingest.fields.scalars import first_count, first_text, first_value, text
from ingest.fields.usage import put_cost
from ingest.formats import Read
from ingest.traces.opentelemetry.claude_code import (
    USE_IDS,
    put_model_call,
    put_success,
    put_tool_call,
    step_of,
)
from ingest.traces.opentelemetry.log_records import Log, step_at_end, with_payload

Row = dict[str, Any]

DECISIONS = {"accept": "approved", "reject": "rejected"}
DECIDERS = {"config": "policy", "hook": "policy"}


def _request(log: Log) -> Read:
    """A model call; only here does its cost stand, so this row wins over that of its span."""
    step = step_at_end(log, "claude_code.llm_request")
    put_model_call(log.found, step)
    put_cost(step, log.found)
    step["record_at"] = log.at
    return with_payload(step, log)


def _failed_request(log: Log) -> Read:
    step = step_at_end(log, "claude_code.llm_request")
    put_model_call(log.found, step)
    step["status"] = "error"
    step["error_type"] = first_text(log.found, "error_type", "status_code")
    step["error_message"] = text(log.found.get("error"))
    step["http_status"] = first_count(log.found, "status_code")
    return with_payload(step, log)


def _tool_result(log: Log) -> Read:
    step = step_at_end(log, "claude_code.tool")
    put_tool_call(log.found, step)
    put_success(log.found, step)
    return with_payload(step, log, first_value(log.found, "tool_input", "tool_parameters"))


def _decision(log: Log) -> Read:
    """A permission asked for and given at once, as far as the record tells."""
    source = text(log.found.get("source")) or ""
    human = "human" if source.startswith("user") else None
    use = first_text(log.found, *USE_IDS)
    row: Row = {
        "run_id": log.run_id,
        "step_id": step_of(use) if use else None,
        "action": first_text(log.found, "tool_name") or "unknown tool",
        "requested_at": log.at,
        "decided_at": log.at,
        "decision": DECISIONS.get(text(log.found.get("decision")) or ""),
        "decider_type": DECIDERS.get(source, human),
        "record_at": log.at,
    }
    return {"approvals": [row]}


READERS: dict[str, Callable[[Log], Read]] = {
    "claude_code.api_request": _request,
    "claude_code.api_error": _failed_request,
    "claude_code.tool_result": _tool_result,
    "claude_code.tool_decision": _decision,
}
