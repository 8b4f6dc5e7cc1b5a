"""A span of Opik as a step. It has no status: it failed where it has an error."""

from __future__ import annotations

from typing import Any

from ingest.fields.failures import is_in_band_error
from ingest.fields.moments import first_moment
from ingest.fields.objects import as_object, flat
from ingest.fields.scalars import Attributes, first_count, first_text, number, text
from ingest.fields.usage import put_tokens
from ingest.formats import Rows, Value
from ingest.traces.opentelemetry.genai import names_of

Row = dict[str, Any]

KINDS = {"llm": "llm", "tool": "tool", "guardrail": "guardrail"}
ORIGINAL = "original_usage."
READ = (
    "prompt_tokens_details.cached_tokens",
    "input_tokens_details.cached_tokens",
    "cache_read_input_tokens",
    "cached_content_token_count",
)
WRITTEN = ("cache_creation_input_tokens", "prompt_tokens_details.cache_write_tokens")
REASONING = (
    "completion_tokens_details.reasoning_tokens",
    "output_tokens_details.reasoning_tokens",
    "thoughts_token_count",
)
KEPT = ("tags", "environment", "source", "total_estimated_cost_version", "project_name")


def span_rows(value: Value, run_id: str | None = None) -> Rows:
    """The step and payload of a span; ValueError, in words, where it has no id or trace."""
    step_id, run_id = text(value.get("id")), run_id or text(value.get("trace_id"))
    if step_id is None or run_id is None:
        raise ValueError(f"it has no {'id' if step_id is None else 'trace_id'}.")
    parent, kind = text(value.get("parent_span_id")), (text(value.get("type")) or "").lower()
    started = first_moment(value, "start_time")
    step: Row = {
        "run_id": run_id,
        "step_id": step_id,
        "parent_step_id": parent,
        "name": text(value.get("name")) or "unnamed",
        "kind": KINDS.get(kind, "agent" if kind == "general" and parent is None else "other"),
        "started_at": started,
        "ended_at": first_moment(value, "end_time") if started is not None else None,
        "record_at": first_moment(value, "last_updated_at"),
    }
    if step["kind"] in ("agent", "tool"):
        step[step["kind"]] = step["name"]
    metadata = as_object(value.get("metadata"))
    if step["kind"] == "llm":
        _put_call(step, value, metadata)
    put_failure(step, value)
    answer = value.get("output")
    if step["kind"] == "tool" and is_in_band_error(metadata, answer):
        step["in_band_error"] = True
    payload = {"run_id": run_id, "step_id": step_id, "input": value.get("input"), "output": answer}
    payload["attributes"] = _kept(value, metadata)
    return {"steps": [step], "payloads": [payload]}


def put_failure(row: Row, value: Value) -> None:
    """Set status, error type and message by the error a span or trace has."""
    error = value.get("error_info")
    told = as_object(error)
    row["status"] = "error" if error else "ok"
    if told:
        row["error_type"] = first_text(told, "exception_type", "exceptionType")
        row["error_message"] = text(told.get("message"))


def _put_call(step: Row, value: Value, metadata: Attributes) -> None:
    step["model"], step["provider"] = text(value.get("model")), text(value.get("provider"))
    step["ttft_ms"] = number(value.get("ttft"))
    step["tools_offered"] = names_of(as_object(value.get("input")).get("tools"))
    answer = as_object(value.get("output"))
    if isinstance(answer.get("choices"), list):
        step["response_id"] = text(answer.get("id"))
        first = answer["choices"][0] if answer["choices"] else None
        step["finish_reason"] = text(as_object(first).get("finish_reason"))
    step["prompt_version"] = text(as_object(metadata.get("opik_prompts")).get("commit"))
    _put_usage(step, flat(as_object(value.get("usage"))))
    cost = number(value.get("total_estimated_cost"))
    if cost is not None and cost >= 0:
        step["cost_usd"], step["cost_source"] = cost, "reported"


def _put_usage(step: Row, usage: Attributes) -> None:
    """Tokens of a call; Anthropic counts its cache beside the input, so what it says is added."""
    if not usage:
        return
    told = {name.removeprefix(ORIGINAL): counted for name, counted in usage.items()}
    total = first_count(usage, "prompt_tokens", "input_tokens", f"{ORIGINAL}input_tokens")
    read, write = first_count(told, *READ), first_count(told, *WRITTEN)
    is_apart = "cache_read_input_tokens" in told or "cache_creation_input_tokens" in told
    if total is not None and is_apart and total == first_count(told, "input_tokens"):
        total += (read or 0) + (write or 0)
    output = first_count(usage, "completion_tokens", "output_tokens", f"{ORIGINAL}output_tokens")
    put_tokens(step, total, output, read, write, first_count(told, *REASONING))


def _kept(value: Value, metadata: Attributes) -> Attributes:
    kept = {f"opik.{name}": value[name] for name in KEPT if value.get(name)}
    return kept | flat(metadata, "metadata.")
