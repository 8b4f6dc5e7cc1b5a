"""A span of Datadog LLM Observability as a step, and what it says of its run.

`start_ns` and `duration` are nanoseconds; the Export API may give the start in milliseconds. Costs
that Datadog estimates are billionths of a dollar, those an application states are dollars. Input
tokens include the cache.
"""

from __future__ import annotations

from typing import Any

from ingest.fields.content import without_content
from ingest.fields.datadog_ids import span_id, trace_id
from ingest.fields.failures import is_in_band_error
from ingest.fields.moments import first_moment
from ingest.fields.objects import as_object, flat
from ingest.fields.people import person_hash
from ingest.fields.scalars import (
    Attributes,
    first_count,
    first_text,
    first_value,
    number,
    text,
    unsigned,
)
from ingest.fields.usage import put_tokens
from ingest.formats import Rows, Value
from ingest.traces.opentelemetry.genai import names_of

Row = dict[str, Any]

KINDS = {
    "llm": "llm",
    "tool": "tool",
    "agent": "agent",
    "workflow": "chain",
    "embedding": "retrieval",
    "retrieval": "retrieval",
}
BILLED = frozenset({"llm", "embedding"})
SAID = ("messages", "value", "documents", "parameters")
USERS = ("usr.id", "user_id", "user.id", "user_handle", "user_name", "usr.email", "usr.name")
NANODOLLARS = 1e9


def span_rows(value: Value) -> Rows:
    """The rows of a span; ValueError, in words, where it has no ids."""
    run_id, step_id = trace_id(value.get("trace_id")), span_id(value.get("span_id"))
    if run_id is None or step_id is None:
        raise ValueError(f"it has no {'trace_id' if run_id is None else 'span_id'}.")
    meta = {**value, **as_object(value.get("meta"))}
    started = first_moment(value, "start_ns", "start_time", "timestamp")
    lasted = number(value.get("duration"))
    step: Row = {
        "run_id": run_id,
        "step_id": step_id,
        "parent_step_id": span_id(value.get("parent_id")),
        "name": text(value.get("name")) or "unnamed",
        "started_at": started,
        "ended_at": None if started is None or lasted is None else started + int(lasted / 1_000),
    }
    _put_kind(step, meta, as_object(value.get("metrics")))
    given, answer = _said(meta.get("input")), _said(meta.get("output"))
    _put_failure(step, value, meta)
    if step["kind"] == "tool" and is_in_band_error({}, answer):
        step["in_band_error"] = True
    tags = _tags(value.get("tags"))
    told = {f"tags.{name}": held for name, held in tags.items() if name not in USERS}
    payload = {"run_id": run_id, "step_id": step_id, "input": given, "output": answer}
    payload["attributes"] = told | _kept(value, meta)
    claim = _claim(step, value, tags)
    if step["parent_step_id"] is None:
        claim |= _of_the_root(step) | {"attributes": without_content(told)}
    return {"steps": [step], "payloads": [payload], "run_claims": [claim]}


def _of_the_root(step: Row) -> Row:
    taken = {column: step[column] for column in ("started_at", "ended_at", "status")}
    return {"root_name": step["name"], **taken}


def _put_kind(step: Row, meta: Value, metrics: Attributes) -> None:
    word = (text(as_object(meta.get("span")).get("kind")) or "").lower()
    word = word or (first_text(meta, "span.kind", "span_kind", "kind") or "").lower()
    step["kind"] = kind = KINDS.get(word, "other")
    step["agent"] = text(as_object(meta.get("agent_attribution")).get("pagent_name"))
    if kind in ("agent", "tool"):
        step[kind] = step["name"]
    if word not in BILLED:
        return
    step["model"], step["provider"] = text(meta.get("model_name")), _provider(meta)
    step["tools_offered"] = names_of(meta.get("tool_definitions"))
    first = number(metrics.get("time_to_first_token"))
    step["ttft_ms"] = None if first is None else first * 1_000
    names = ("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_write_input_tokens")
    counts = [first_count(metrics, name) for name in names]
    if any(counted is not None for counted in counts):
        reasoning = first_count(metrics, "reasoning_output_tokens", "reasoning_tokens")
        put_tokens(step, *counts, reasoning)
    cost = unsigned(metrics.get("total_cost"))
    estimated = unsigned(metrics.get("estimated_total_cost"))
    if cost is None and estimated is not None:
        cost = estimated / NANODOLLARS
    if cost is not None:
        step["cost_usd"], step["cost_source"] = cost, "reported"


def _provider(meta: Value) -> str | None:
    """Who serves the model; `custom` stands for nobody named."""
    found = text(meta.get("model_provider"))
    return None if found in ("custom", "unknown") else found


def _said(value: object) -> Any:
    return first_value(value, *SAID) if isinstance(value, dict) else value


def _put_failure(step: Row, value: Value, meta: Value) -> None:
    failed = text(value.get("status")) == "error" or value.get("error") == 1
    error = as_object(meta.get("error"))
    step["status"] = "error" if failed else "ok"
    if failed:
        step["error_type"] = text(error.get("type")) or first_text(meta, "error.type")
        step["error_message"] = text(error.get("message")) or first_text(
            meta, "error.message", "error.msg"
        )


def _tags(value: object) -> Attributes:
    """Tags written `name:value`; of a repeated name the first holds."""
    found: Attributes = {}
    for tag in value if isinstance(value, list) else ():
        name, _, told = tag.partition(":") if isinstance(tag, str) else ("", "", "")
        if name and told:
            found.setdefault(name, told)
    return found


def _kept(value: Value, meta: Value) -> Attributes:
    kept = flat(as_object(meta.get("metadata")), "metadata.")
    kept |= flat(as_object(value.get("metrics")), "metrics.")
    apm = text(as_object(value.get("_dd")).get("apm_trace_id"))
    return kept | ({"datadog.apm_trace_id": apm} if apm else {})


def _claim(step: Row, value: Value, tags: Attributes) -> Row:
    environment = text(tags.get("env"))
    return {
        "run_id": step["run_id"],
        "workflow_name": text(value.get("ml_app")) or text(tags.get("ml_app")),
        "service_name": text(value.get("service")) or text(tags.get("service")),
        "deployment": environment,
        "environment": environment,
        "version": text(tags.get("version")),
        "session_id": text(value.get("session_id")) or text(tags.get("session_id")),
        "user_hash": person_hash(first_text(tags, *USERS)),
    }
