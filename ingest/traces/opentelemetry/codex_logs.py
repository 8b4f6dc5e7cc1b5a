"""Log records of Codex: finished responses with their usage, tool calls and decisions.

Numbers come as text. Input tokens hold the cached ones, output tokens the reasoning.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ingest.fields.scalars import first_count, first_text, first_value, flag, text
from ingest.fields.usage import put_tokens
from ingest.formats import Ignored, Read
from ingest.hashes import sha256
from ingest.traces.opentelemetry.log_records import Log, step_at_end, with_payload

Row = dict[str, Any]

COMPLETED = "response.completed"
IGNORED_PART = "log records: parts of a model call, counted when its response is complete"
DECISIONS = {
    "approved": "approved",
    "approved_for_session": "approved",
    "approved_execpolicy_amendment": "approved",
    "denied": "rejected",
    "abort": "rejected",
    "timed_out": "expired",
}
DECIDERS = {"config": "policy", "user": "human", "automatedreviewer": "model"}


def _call_id(call: str | None) -> str | None:
    return sha256(f"codex.{call}".encode("utf-8", "surrogatepass"))[:16] if call else None


def _response(log: Log) -> Read:
    """A complete response, or one that failed; told inside a span it is the step of that span."""
    found = log.found
    kind, problem = text(found.get("event.kind")), text(found.get("error.message"))
    tokens = first_count(found, "input_token_count")
    if problem is None and (kind != COMPLETED or tokens is None):
        return Ignored(IGNORED_PART)
    step = _model_call(log, log.span_id if tokens is not None else None)
    if problem is not None:
        step["status"], step["error_message"] = "error", problem
    put_tokens(
        step,
        tokens,
        first_count(found, "output_token_count"),
        first_count(found, "cached_token_count"),
        None,
        first_count(found, "reasoning_token_count"),
    )
    return with_payload(step, log)


def _request(log: Log) -> Read:
    """A request that was refused; one that succeeded is counted by its response."""
    status = first_count(log.found, "http.response.status_code", "http.status_code", "status")
    problem = text(log.found.get("error.message"))
    if problem is None and (status is None or status < 400):
        return Ignored(IGNORED_PART)
    step = _model_call(log)
    step |= {"status": "error", "error_message": problem, "http_status": status}
    return with_payload(step, log)


def _model_call(log: Log, step_id: str | None = None) -> Row:
    step = step_at_end(log, "codex.response", step_id)
    step["kind"], step["provider"] = "llm", "openai"
    step["model"] = first_text(log.found, "model", "slug")
    step["parent_step_id"] = None
    return step


def _tool_result(log: Log) -> Read:
    call = text(log.found.get("call_id"))
    step = step_at_end(log, "codex.tool", _call_id(call))
    step["kind"], step["call_id"], step["parent_step_id"] = "tool", call, None
    step["tool"] = first_text(log.found, "tool_name") or "unknown tool"
    if flag(log.found.get("success")) is False:
        step["status"] = "error"
    return with_payload(
        step, log, first_value(log.found, "arguments"), first_value(log.found, "output")
    )


def _decision(log: Log) -> Read:
    source = (text(log.found.get("source")) or "").lower()
    row: Row = {
        "run_id": log.run_id,
        "step_id": _call_id(text(log.found.get("call_id"))),
        "action": first_text(log.found, "tool_name") or "unknown tool",
        "requested_at": log.at,
        "decided_at": log.at,
        "decision": DECISIONS.get((text(log.found.get("decision")) or "").lower()),
        "decider_type": DECIDERS.get(source),
        "record_at": log.at,
    }
    return {"approvals": [row]}


READERS: dict[str, Callable[[Log], Read]] = {
    "codex.api_request": _request,
    "codex.sse_event": _response,
    "codex.websocket_event": _response,
    "codex.tool_result": _tool_result,
    "codex.tool_decision": _decision,
}
