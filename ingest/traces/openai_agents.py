"""Traces of the OpenAI Agents SDK: the items its exporters get, `span.export()` one a line.

A trace item names the workflow and the conversation and holds neither times nor a status: it is
told when the file has been read, with the status of the agent that ended last, for spans come in
the order they finish and an agent called as a tool may fail without harm. Newer versions put the
error of a guardrail on the agent's turn: an agent whose turn failed has failed. Tokens stand on
`response` and `generation` spans; the SDK's own `turn` and `task` spans repeat them and are read
without. A `response` span names no model.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal, NamedTuple

from ingest.fields.content import without_content
from ingest.fields.failures import is_in_band_error
from ingest.fields.messages import brief, without_data
from ingest.fields.moments import stated_time
from ingest.fields.objects import member, objects
from ingest.fields.scalars import text
from ingest.fields.usage import put_chat_usage
from ingest.formats import Ignored, Placed, Read, Reject, Sample, Value
from ingest.hashes import sha256

NAME = "openai_agents.items"
HOLDS: Literal["whole", "part"] = "part"
RECORDS = "steps run_claims"
BASIS: Literal["files", "documentation"] = "files"
OBTAIN = (
    "Add a TracingProcessor to the OpenAI Agents SDK that writes `trace.export()` and"
    " `span.export()` as JSON lines; bodies sent to /v1/traces/ingest are read too."
)

Row = dict[str, Any]

TRACE, SPAN = "trace", "trace.span"
KINDS = {
    "agent": "agent",
    "response": "llm",
    "generation": "llm",
    "function": "tool",
    "guardrail": "guardrail",
}
OWN_SPANS = frozenset({"turn", "task"})
LISTS = ("data", "spans")
SHORT = 200


class Ending(NamedTuple):
    """The last word on a trace: of an agent before other spans, then of the one that ended last."""

    is_agent: bool
    ended_at: str
    failed: bool
    error: Value
    step_id: str


class Endings:
    """The last word on every trace so far, and the errors of turns by trace and agent's span."""

    def __init__(self) -> None:
        self.last: dict[str, Ending] = {}
        self.turns: dict[tuple[str, str | None], Value] = {}

    def take(self, step: Row, error: Value, is_turn: bool) -> None:
        """Note how a span ended."""
        run_id, parent, is_agent = step["run_id"], step["parent_step_id"], step["kind"] == "agent"
        if is_turn and error:
            self.turns[run_id, parent] = error
        if is_agent or parent is None:
            ended = _sortable(step["ended_at"])
            found = Ending(is_agent, ended, bool(error), error, step["step_id"])
            self.last[run_id] = max(self.last.get(run_id, found), found, key=lambda e: e[:3])

    def error(self, run_id: str) -> Value | None:
        """The error a trace ended with, empty where it ended well; null where nothing tells."""
        last = self.last.get(run_id)
        if last is None:
            return None
        return last.error or self.turns.get((run_id, last.step_id), {})


def accepts(sample: Sample) -> bool:
    """Whether the values are trace and span items, or bodies that list them."""
    if sample.container != "json":
        return False
    return _are_items(sample) or _are_items(sample.under("data"))


def _are_items(sample: Sample) -> bool:
    if not sample.has("object", "id"):
        return False
    return all(value.get("object") in (TRACE, SPAN) for value in sample.values)


def read(values: Iterator[Value]) -> Iterator[Read]:
    """One step a span; the traces follow at the end, each with how it ended."""
    traces: list[tuple[str, Value]] = []
    endings = Endings()
    for value in values:
        for place, item in _items(value):
            if isinstance(item, dict) and item.get("object") == TRACE and text(item.get("id")):
                traces.append((place, item))
            else:
                yield _span(item, place, endings)
        if isinstance(value.get("data"), list) and not value["data"]:
            yield Ignored("empty page")
    for place, trace in traces:
        yield Placed({"run_claims": [_claim(trace, endings)]}, place)


def _items(value: Value) -> Iterator[tuple[str, Any]]:
    """The item itself, or those it lists, with their places."""
    if value.get("object") in (TRACE, SPAN):
        yield "", {k: v for k, v in value.items() if k not in LISTS}
    lists = [name for name in LISTS if isinstance(value.get(name), list)]
    for name in lists:
        for place, item in enumerate(value[name]):
            yield f"{name}[{place}]", item
    if not lists and value.get("object") not in (TRACE, SPAN):
        yield "", value


def _span(item: Any, place: str, endings: Endings) -> Read:
    run_id, step_id = (
        text(item.get(n)) if isinstance(item, dict) else None for n in ("trace_id", "id")
    )
    if run_id is None or step_id is None or item.get("object") != SPAN:
        reason = "it is neither a trace nor a span with id and trace_id."
        return Reject("shape", reason, place, json.dumps(item, default=str)[:500])
    data, error = member(item, "span_data"), member(item, "error")
    step: Row = {
        "run_id": run_id,
        "step_id": step_id,
        "parent_step_id": text(item.get("parent_id")),
        "started_at": stated_time(item.get("started_at")),
        "ended_at": stated_time(item.get("ended_at")),
        "status": "error" if error else "ok" if item.get("ended_at") else "unset",
        "error_message": _message(error) if error else None,
    }
    payload: Row = {"run_id": run_id, "step_id": step_id, "attributes": {}}
    _describe(step, payload, data)
    endings.take(step, error, member(data, "data").get("sdk_span_type") == "turn")
    return Placed({"steps": [step], "payloads": [payload]}, place)


def _sortable(ended: datetime | None) -> str:
    return "" if ended is None else f"{ended.timestamp():020.6f}"


def _message(error: Value) -> str | None:
    detail = member(error, "data").get("error")
    said = [part for part in (text(error.get("message")), text(detail)) if part]
    return brief(": ".join(said))


def _describe(step: Row, payload: Row, data: Value) -> None:
    kind = text(data.get("type")) or "custom"
    step["kind"] = KINDS.get(kind, "other")
    step["name"] = text(data.get("name")) or kind
    named = step["name"]
    if kind == "agent":
        step["agent"] = named
        step["tools_offered"] = data.get("tools") if isinstance(data.get("tools"), list) else None
    elif kind in ("response", "generation"):
        _model_call(step, data)
    elif kind == "function":
        step["tool"], step["system"] = named, text(member(data, "mcp_data").get("server"))
        answer = data.get("output")
        step["in_band_error"] = step["status"] != "error" and is_in_band_error({}, answer)
    elif kind == "handoff":
        step["agent"], step["handoff_to"] = text(data.get("from_agent")), text(data.get("to_agent"))
    elif kind == "guardrail" and isinstance(data.get("triggered"), bool):
        step["decision"] = "triggered" if data["triggered"] else "passed"
    elif kind == "custom":
        _custom(step, payload, member(data, "data"))
    else:
        step["model"] = text(data.get("model"))
    payload["input"], payload["output"] = (_shown(data.get(name)) for name in ("input", "output"))


def _model_call(step: Row, data: Value) -> None:
    config = member(data, "model_config")
    step["model"], step["response_id"] = text(data.get("model")), text(data.get("response_id"))
    put_chat_usage(step, member(data, "usage"))
    answer = (objects(data.get("output")) or [{}])[-1]
    step["finish_reason"] = text(answer.get("finish_reason"))
    step["provider"] = text(config.get("provider"))


def _custom(step: Row, payload: Row, data: Value) -> None:
    """A span of the application, or one of the SDK's own, told by its type."""
    own = data.get("sdk_span_type")
    if own in OWN_SPANS:
        step["kind"], step["agent"] = "chain", text(data.get("agent_name"))
    facts = {k: v for k, v in data.items() if k != "usage"}
    payload["attributes"] = {f"data.{k}": v for k, v in facts.items()}


def _shown(value: Any) -> Any:
    """What went in or came out; recorded sound is left out."""
    if isinstance(value, dict) and isinstance(value.get("data"), str) and "format" in value:
        return {**value, "data": f"{len(value['data'])} characters"}
    return without_data(value)


def _claim(trace: Value, endings: Endings) -> Row:
    run_id, metadata = str(trace["id"]), member(trace, "metadata")
    named, user = text(trace.get("workflow_name")), text(metadata.get("user_id"))
    told = {k: v for k, v in without_content(metadata).items() if not k.startswith("user")}
    claim: Row = {
        "run_id": run_id,
        "workflow_name": named,
        "root_name": named,
        "session_id": text(trace.get("group_id")),
        "user_hash": sha256(user.encode("utf-8", "surrogatepass")) if user else None,
        "environment": text(metadata.get("environment")),
        "version": text(metadata.get("version")),
        "attributes": {f"metadata.{k}": v for k, v in told.items() if _is_plain(v)},
    }
    error = endings.error(run_id)
    return claim if error is None else claim | _status(error)


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int | float)


def _status(error: Value) -> Row:
    """How the trace ended; turns that ran out are a limit, as the error's data say."""
    if not error:
        return {"status": "ok"}
    told = {"error_message": _message(error)}
    if "max_turns" in member(error, "data"):
        return told | {"status": "timeout", "termination_reason": "max_turns"}
    return told | {"status": "error"}
