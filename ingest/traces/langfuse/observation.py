"""One observation as a step, and what it says of its run.

Times come from the record: `latency` is seconds in most exports and milliseconds in some.
"""

from __future__ import annotations

from typing import Any

from ingest.fields.failures import is_in_band_error
from ingest.fields.moments import first_moment
from ingest.fields.objects import decoded, flat
from ingest.fields.scalars import first_count, first_text, number, text
from ingest.fields.usage import put_tokens
from ingest.formats import Rows
from ingest.traces.langfuse.otel import Metadata, described
from ingest.traces.langfuse.run import facts, present
from ingest.traces.langfuse.usage import cost, tokens

Row = dict[str, Any]

KINDS = {
    "generation": "llm",
    "agent": "agent",
    "tool": "tool",
    "chain": "chain",
    "retriever": "retrieval",
    "embedding": "retrieval",
    "guardrail": "guardrail",
}
CALL_PREFIXES = ("execute_tool ", "running tool: ")
KEPT = (
    "type",
    "level",
    "status_message",
    "prompt_name",
    "usage_pricing_tier_name",
    "tool_call_names",
)
KEPT_OBJECTS = ("model_parameters", "usage_details", "cost_details")


def observation_rows(record: Row) -> Rows:
    """Step, payload and claim of an observation; ValueError where it has no id or no trace."""
    run_id, step_id = text(record.get("trace_id")), text(record.get("id"))
    if run_id is None or step_id is None:
        raise ValueError(f"it has no {'id of a trace' if run_id is None else 'id'}.")
    said = Metadata(record.get("metadata", {}))
    kind = (text(record.get("type")) or "").lower()
    step: Row = {
        "run_id": run_id,
        "step_id": step_id,
        "parent_step_id": text(record.get("parent_observation_id")),
        "name": text(record.get("name")) or kind or "unnamed",
        "record_at": first_moment(record, "updated_at", "created_at"),
    }
    _put_times(step, record, kind)
    columns, given, answer = described(said.span, step["name"])
    step |= columns | ({"kind": KINDS[kind]} if kind in KINDS else {})
    _put_call(step, record, said)
    given = decoded(record["input"]) if "input" in record else given
    answer = decoded(record["output"]) if "output" in record else answer
    _put_status(step, record, said, answer)
    payload = {"run_id": run_id, "step_id": step_id, "input": given, "output": answer}
    payload["attributes"] = _kept(record) | said.attributes()
    return {"steps": [step], "payloads": [payload], "run_claims": [_claim(step, record, said)]}


def _put_times(step: Row, record: Row, kind: str) -> None:
    start, end = first_moment(record, "start_time"), first_moment(record, "end_time")
    step["started_at"] = start
    step["ended_at"] = start if end is None and kind == "event" else end
    first = first_moment(record, "completion_start_time")
    if first is not None and start is not None:
        step["ttft_ms"] = max(first - start, 0) / 1_000
    elif (stated := number(record.get("time_to_first_token"))) is not None and stated >= 0:
        step["ttft_ms"] = stated * _unit_ms(record, start, end)


def _unit_ms(record: Row, start: int | None, end: int | None) -> int:
    """The milliseconds in the unit of the stated durations, told by the latency beside the ends."""
    latency = number(record.get("latency"))
    if latency and start is not None and end is not None:
        return 1 if latency > (end - start) / 1e6 * 30 else 1_000
    return 1_000


def _put_call(step: Row, record: Row, said: Metadata) -> None:
    """What was called: agent, tool or model; its tokens and cost."""
    step.setdefault("kind", "other")
    if step["kind"] == "agent":
        step.setdefault("agent", step["name"])
    if step["kind"] == "tool":
        name = step["name"]
        for prefix in CALL_PREFIXES:
            name = name.removeprefix(prefix)
        step.setdefault("tool", name)
    step["model"] = first_text(record, "provided_model_name", "model")
    if "provider" not in step:
        step["provider"] = text(said.own.get("metadata.ls_provider"))
    step["prompt_version"] = text(record.get("prompt_version"))
    if (used := tokens(record)) is not None:
        put_tokens(step, *used)
    step["cost_usd"] = cost(record)


def _put_status(step: Row, record: Row, said: Metadata, answer: Any) -> None:
    failed = text(record.get("level")) == "ERROR"
    step["status"] = "error" if failed else "ok"
    if failed:
        step["error_message"] = text(record.get("status_message"))
        step["error_type"] = first_text(said.span, "error.type", "exception.type")
        step["http_status"] = first_count(said.span, "http.response.status_code")
    if step["kind"] == "tool" and is_in_band_error(said.span, answer):
        step["in_band_error"] = True


def _kept(record: Row) -> Row:
    kept = {f"langfuse.{name}": record[name] for name in KEPT if name in record}
    if (stated := cost(record)) is not None:
        kept["langfuse.total_cost"] = stated
    for name in KEPT_OBJECTS:
        kept |= flat(record.get(name, {}), f"langfuse.{name}.")
    return kept


def _claim(step: Row, record: Row, said: Metadata) -> Row:
    """What an observation says of its run; the root says the most."""
    claim = {"run_id": step["run_id"], **facts(record, said)}
    claim["workflow_name"] = text(record.get("trace_name"))
    if step["parent_step_id"] is None or record.get("is_root_observation") in (True, "true"):
        claim["root_name"] = step["name"]
        claim["status"] = "error" if step["status"] == "error" else None
        claim["attributes"] = said.facts()
    else:
        claim["version"] = None
    return present(claim)
