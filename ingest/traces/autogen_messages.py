"""Conversations of AutoGen AgentChat: a stream of messages, a task result, or a team's state.

A file of messages is one run; the task result that closes a stream repeats the messages before it
and replaces them. Usage stands on the message a model wrote; a message carries only the time it
was finished at, so its step starts when the one before it ended. A thought is the rationale of
the message that follows it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from ingest.fields.messages import brief, said
from ingest.fields.moments import stated_time
from ingest.fields.objects import member, objects
from ingest.fields.rejects import misshapen
from ingest.fields.scalars import count, text
from ingest.fields.usage import put_tokens
from ingest.formats import Read, Rows, Sample, Value
from ingest.hashes import of_value
from ingest.traces.transcript.speakers import speaker
from ingest.traces.transcript.steps import Transcript

NAME = "autogen.messages"
HOLDS: Literal["whole", "part"] = "whole"
RECORDS = "run_claims"
BASIS: Literal["files", "documentation"] = "files"
OBTAIN = (
    "AutoGen AgentChat: write `message.model_dump_json()` of every message of `run_stream` as a"
    " line, or the task result, or the dict of `team.save_state()`."
)

Row = dict[str, Any]

IDENTITY = ("id", "source", "created_at", "content")
KINDS = {
    "TextMessage": "other",
    "MultiModalMessage": "other",
    "StructuredMessage": "other",
    "StopMessage": "other",
    "HandoffMessage": "other",
    "ToolCallSummaryMessage": "other",
    "ToolCallRequestEvent": "llm",
    "ToolCallMessage": "llm",
    "ToolCallExecutionEvent": "tool",
    "ToolCallResultMessage": "tool",
    "CodeGenerationEvent": "other",
    "CodeExecutionEvent": "tool",
    "MemoryQueryEvent": "retrieval",
    "SelectorEvent": "plan",
    "SelectSpeakerEvent": "other",
    "ThoughtEvent": "",
    "UserInputRequestedEvent": "",
    "ModelClientStreamingChunkEvent": "",
}


def accepts(sample: Sample) -> bool:
    """Whether the values are AgentChat messages, task results that list them, or team states."""
    if sample.container != "json":
        return False
    if sample.has("agent_states"):
        return any(_thread(v) is not None for v in sample.values)
    listed = sample.under("messages").values
    return any(_is_message(v) for v in (*sample.values, *listed))


def _is_message(value: Value) -> bool:
    """Whether a value has a sender and a message type of AgentChat."""
    return isinstance(value.get("source"), str) and _type(value) in KINDS


def _type(message: Value) -> str:
    return (text(message.get("type")) or "").partition("[")[0]


def _thread(state: Value) -> list[Value] | None:
    """The longest message thread that a member of the team's state keeps."""
    states = member(state, "agent_states").values()
    held = [s.get("agent_state", s) for s in states if isinstance(s, dict)]
    threads = [h["message_thread"] for h in held if isinstance(h, dict) and "message_thread" in h]
    found = [objects(t) for t in threads]
    return max(found, key=len) if found else None


def read(values: Iterator[Value]) -> Iterator[Read]:
    """One run a task result or state, and one for messages that no task result closes."""
    stream: list[Value] = []
    for value in values:
        if "agent_states" in value:
            yield _run(_thread(value) or [], value)
        elif isinstance(value.get("messages"), list):
            yield _run(objects(value["messages"]) or stream, value)
            stream = []
        else:
            stream.append(value)
    if stream:
        yield _run(stream, {})


def _run(messages: list[Value], holder: Value) -> Read:
    known = [m for m in messages if isinstance(m.get("source"), str)]
    if not known:
        return misshapen("it holds no message with a source.", holder or messages)
    return _rows(known, holder)


def _rows(messages: list[Value], holder: Value) -> Rows:
    dated = bool(messages[0].get("id") or messages[0].get("created_at"))
    told = [[m.get(n) for n in IDENTITY] for m in (messages[:1] if dated else messages)]
    transcript = Transcript(of_value(["autogen", told]))
    calls: dict[str, Value] = {}
    before = thought = None
    for position, message in enumerate(messages):
        if not KINDS.get(_type(message), "other"):
            thought = message.get("content") if _type(message) == "ThoughtEvent" else thought
            continue
        at = stated_time(message.get("created_at"))
        times = {"started_at": before or at, "ended_at": at}
        _add(transcript, str(position), {"thought": thought, **message}, times, calls)
        before, thought = at or before, None
    reason = text(holder.get("stop_reason"))
    is_stopped = reason is not None or _type(messages[-1]) == "StopMessage"
    claim: Row = {
        "status": "ok" if is_stopped else "unknown",
        "termination_reason": brief(reason),
        "started_at": stated_time(messages[0].get("created_at")),
        "ended_at": before,
        "time_source": None if before else "load",
        "attributes": {},
    }
    return transcript.record(claim)


def _add(
    transcript: Transcript, step_id: str, message: Value, times: Row, calls: dict[str, Value]
) -> None:
    kind, content = KINDS.get(_type(message), "other"), message.get("content")
    step = speaker(message["source"]) | times
    if kind == "tool" and isinstance(content, list):
        for position, result in enumerate(objects(content)):
            _add_answer(transcript, f"{step_id}.{position}", result, step, calls)
        return
    if step["kind"] != "human":
        step["kind"] = kind
        _put_usage(step, member(message, "models_usage"))
    requests = objects(content)
    if step["kind"] == "llm" and requests:
        calls |= {c["id"]: c for c in requests if isinstance(c.get("id"), str)}
        content = {"tool_calls": requests}
    step["handoff_to"] = text(message.get("target"))
    transcript.add(step_id, step, output=said(content), rationale=text(message.get("thought")))


def _put_usage(step: Row, usage: Value) -> None:
    """Tokens make a message a model call; zeros are what a stream writes for unknown."""
    asked, answered = (count(usage.get(n)) or None for n in ("prompt_tokens", "completion_tokens"))
    if asked or answered:
        step["kind"] = "llm"
        put_tokens(step, asked, answered, None, None, None)


def _add_answer(
    transcript: Transcript, step_id: str, result: Value, sender: Row, calls: dict[str, Value]
) -> None:
    call_id = text(result.get("call_id"))
    call = calls.get(call_id or "", {})
    name = text(result.get("name")) or text(call.get("name")) or "unknown"
    step = {**sender, "kind": "tool", "name": name, "tool": name, "call_id": call_id}
    if result.get("is_error") is True:
        step |= {"in_band_error": True, "error_message": brief(result.get("content"))}
    transcript.add(step_id, step, input=call.get("arguments"), output=said(result.get("content")))
