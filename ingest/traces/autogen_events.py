"""Event logs of AutoGen: those of autogen-core, and those of the first Magentic-One (`log.jsonl`).

A file is one run. Magentic-One logs what agents say and, apart from it, the tokens of model calls:
where calls are logged, what is said is no call of its own. Events that only route messages, or
announce a stream, are no steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from ingest.fields.failures import is_in_band_error
from ingest.fields.messages import brief
from ingest.fields.moments import stated_time
from ingest.fields.objects import member, objects
from ingest.fields.scalars import text
from ingest.fields.usage import put_chat_usage
from ingest.formats import Ignored, Read, Rows, Sample, Value
from ingest.hashes import of_value
from ingest.traces.transcript.speakers import speaker
from ingest.traces.transcript.steps import Transcript

NAME = "autogen.events"
HOLDS: Literal["whole", "part"] = "whole"
RECORDS = "run_claims"
BASIS: Literal["files", "documentation"] = "documentation"
OBTAIN = (
    "AutoGen: a file handler on the logger `autogen_core.events` that writes every event as a line"
    " of JSON; Magentic-One: its `log.jsonl`."
)

Row = dict[str, Any]

CALLS = frozenset({"LLMCall", "LLMStreamEnd", "LLMCallEvent"})
SAYINGS = frozenset({"OrchestrationEvent", "AgentEvent", "WebSurferEvent"})
TOOLS = frozenset({"ToolCall", "ToolCallEvent"})
FAILURES = frozenset({"MessageHandlerException", "AgentConstructionException"})
STEPS = CALLS | SAYINGS | TOOLS | FAILURES
KNOWN = STEPS | {"Message", "LLMStreamStart"}
STATED = ("prompt_tokens", "tool_name", "delivery_stage", "message", "exception")


def accepts(sample: Sample) -> bool:
    """Whether some value is an event of AutoGen, by its type and a field that only such have."""
    return sample.container == "json" and any(_is_event(v) for v in sample.values)


def _is_event(value: Value) -> bool:
    return _type(value) in KNOWN and any(name in value for name in STATED)


def _type(event: Value) -> str:
    return text(event.get("type")) or ""


def read(values: Iterator[Value]) -> Iterator[Read]:
    """One run a file."""
    events = list(values)
    if any(_type(e) in STEPS for e in events):
        yield _rows(events)
    elif events:
        yield Ignored("events that only route messages")


def _rows(events: list[Value]) -> Rows:
    started = stated_time(events[0].get("timestamp"))
    transcript = Transcript(of_value(["autogen", events[:1] if started else events]))
    has_calls = any(_type(e) in CALLS for e in events)
    before = None
    for position, event in enumerate(events):
        at = stated_time(event.get("timestamp"))
        times = {"started_at": before or at, "ended_at": at}
        _add(transcript, str(position), event, times, has_calls)
        before = at or before
    failed = any(_type(e) in FAILURES for e in events)
    claim: Row = {
        "status": "error" if failed else "unknown",
        "started_at": started,
        "ended_at": before,
        "time_source": None if before else "load",
        "attributes": {},
    }
    return transcript.record(claim)


def _add(transcript: Transcript, step_id: str, event: Value, times: Row, has_calls: bool) -> None:
    kind = _type(event)
    if kind in CALLS:
        _add_call(transcript, step_id, event, times)
    elif kind in TOOLS:
        _add_tool(transcript, step_id, event, times)
    elif kind in SAYINGS:
        step = speaker(text(event.get("source")) or "unknown") | times
        action = text(event.get("action"))
        if action:
            step |= {"kind": "tool", "tool": action}
        elif has_calls and step["kind"] == "llm":
            step["kind"] = "other"
        transcript.add(step_id, step, input=event.get("arguments"), output=event.get("message"))
    elif kind in FAILURES:
        step = {"kind": "other", "name": kind, "status": "error", **times}
        step["error_message"] = brief(event.get("exception"))
        transcript.add(step_id, step)


def _agent(event: Value) -> str | None:
    """The agent's type without the key of its instance, nor the id that a team adds to it."""
    stated = (text(event.get("agent_id")) or "").partition("/")
    name, _, suffix = stated[0].rpartition("_")
    return (name if name and suffix == stated[2] else stated[0]) or None


def _add_call(transcript: Transcript, step_id: str, event: Value, times: Row) -> None:
    response = member(event, "response")
    choice = next(iter(objects(response.get("choices"))), {})
    agent = _agent(event)
    step: Row = {"kind": "llm", "name": agent or "model call", "agent": agent, **times}
    step["response_model"] = step["model"] = text(response.get("model"))
    step["response_id"] = text(response.get("id"))
    step["finish_reason"] = text(choice.get("finish_reason", response.get("finish_reason")))
    stated = {n: event[n] for n in ("prompt_tokens", "completion_tokens") if n in event}
    put_chat_usage(step, member(response, "usage") | stated)
    answer = choice.get("message") or response.get("content")
    transcript.add(step_id, step, input=event.get("messages"), output=answer)


def _add_tool(transcript: Transcript, step_id: str, event: Value, times: Row) -> None:
    name, answer = text(event.get("tool_name")) or "unknown", event.get("result")
    step: Row = {"kind": "tool", "name": name, "tool": name, "agent": _agent(event), **times}
    step["in_band_error"] = is_in_band_error({}, answer)
    transcript.add(step_id, step, input=event.get("arguments"), output=answer)
