"""Spans of Claude Code: an interaction, the model calls and tool calls in it, waits for people.

Its logs tell of the same calls. A model call has the id of its request and a tool call the id of
its use in both, so their steps are named by those ids: whichever of the two is loaded, or both,
a call is one step. Input tokens leave the cache out; dollars stand in the logs only.
"""

from __future__ import annotations

from typing import Any

from ingest.fields.scalars import (
    Attributes,
    first_count,
    first_text,
    first_value,
    flag,
    number,
    text,
)
from ingest.fields.usage import TOKENS, put_tokens
from ingest.hashes import sha256

Row = dict[str, Any]

PREFIX = "claude_code."
EXECUTION = "claude_code.tool.execution"
REQUEST_IDS = ("request_id", "gen_ai.response.id")
USE_IDS = ("tool_use_id", "gen_ai.tool.call.id")


def step_of(call: str) -> str:
    """The step id of a call, from the id that its spans and logs share."""
    return sha256(f"{PREFIX}{call}".encode("utf-8", "surrogatepass"))[:16]


def describe(found: Attributes, step: Row) -> tuple[Any, Any]:
    """Set what the span says of its step; its input and output are returned."""
    kind = text(found.get("span.type")) or step["name"].removeprefix(PREFIX)
    step["kind"] = "other"
    reader = READERS.get(kind)
    return reader(found, step) if reader else (None, None)


def put_model_call(found: Attributes, step: Row) -> None:
    """Set model, identity and usage, from a span or from the log record of a request.

    The numbers are those of the API's usage block: input without the cache is added to it.
    """
    step["kind"], step["provider"] = "llm", "anthropic"
    step["model"] = first_text(found, "gen_ai.request.model", "model")
    step["response_id"] = request = first_text(found, *REQUEST_IDS)
    if request:
        step["step_id"] = step_of(request)
    fresh, output, read, write = (
        first_count(found, name, f"gen_ai.usage.{name}")
        for name in ("input_tokens", "output_tokens", "cache_read_tokens", "cache_creation_tokens")
    )
    put_tokens(step, fresh, output, read, write, None)
    if fresh is not None:
        step[TOKENS[0]] = fresh + (read or 0) + (write or 0)


def put_tool_call(found: Attributes, step: Row) -> None:
    """Set the tool and the identity of its call."""
    step["kind"] = "tool"
    step["tool"] = first_text(found, "tool_name", "gen_ai.tool.name") or step["name"]
    step["call_id"] = call = first_text(found, *USE_IDS)
    if call:
        step["step_id"] = step_of(call)


def put_success(found: Attributes, step: Row) -> None:
    """Set an error where the record says that it did not succeed."""
    if flag(found.get("success")) is False:
        step["status"] = "error"
        step["error_type"] = first_text(found, "error_type", "error.type")
        step["error_message"] = text(found.get("error"))


def _interaction(found: Attributes, step: Row) -> tuple[Any, Any]:
    step["kind"], step["agent"] = "agent", "claude-code"
    return first_value(found, "user_prompt"), None


def _model_call(found: Attributes, step: Row) -> tuple[Any, Any]:
    put_model_call(found, step)
    step["finish_reason"] = text(found.get("stop_reason"))
    step["ttft_ms"] = number(found.get("ttft_ms"))
    put_success(found, step)
    return None, first_value(found, "response.model_output")


def _tool_call(found: Attributes, step: Row) -> tuple[Any, Any]:
    """Its span is placed in the trace, which its log record is not: the span's row wins."""
    put_tool_call(found, step)
    step["record_at"] = step["ended_at"]
    return first_value(found, "tool_input", "full_command", "file_path"), None


def _execution(found: Attributes, step: Row) -> tuple[Any, Any]:
    put_success(found, step)
    if call := first_text(found, *USE_IDS):
        step["parent_step_id"] = step_of(call)
    return None, None


def _wait(found: Attributes, step: Row) -> tuple[Any, Any]:
    step["decision"] = text(found.get("decision"))
    if (text(found.get("source")) or "").startswith("user"):
        step["kind"] = "human"
    return None, None


READERS = {
    "interaction": _interaction,
    "llm_request": _model_call,
    "tool": _tool_call,
    "tool.execution": _execution,
    "tool.blocked_on_user": _wait,
}
