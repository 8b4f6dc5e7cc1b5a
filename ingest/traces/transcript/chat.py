"""Messages with the roles of a chat API, as steps.

A call id may stand twice in one conversation: an answer belongs to the call stated last before it.
"""

from __future__ import annotations

from typing import Any

from ingest.fields.failures import is_in_band_error
from ingest.fields.messages import said
from ingest.fields.objects import member, objects
from ingest.fields.scalars import text
from ingest.formats import Value
from ingest.traces.transcript.speakers import ASSISTANT, REPLY, REQUEST, UNKNOWN_ROLE
from ingest.traces.transcript.steps import Transcript

Row = dict[str, Any]

PROMPTS = frozenset({"system", "developer"})
TOOLS = frozenset({"tool", "function"})


def add_chat(transcript: Transcript, messages: list[Value]) -> None:
    """One step a message, except the prompt; ValueError for a role that no chat has."""
    calls: dict[str, Row] = {}
    for step_id, message in zip(_ids(messages), messages, strict=True):
        role = text(message.get("role"))
        if role in PROMPTS:
            continue
        content = message.get("content")
        if role in TOOLS:
            _add_answer(transcript, step_id, message, calls)
        elif role == "assistant":
            found = called(message)
            calls |= {c["id"]: c for c in found if c["id"]}
            thought = text(message.get("reasoning_content"))
            transcript.add(step_id, REPLY, output=spoken(content, found), rationale=thought)
        elif role == "user":
            transcript.add(step_id, REQUEST, output=said(content))
        else:
            raise ValueError(UNKNOWN_ROLE)


def _ids(messages: list[Value]) -> list[str]:
    """The stated indexes where every message has its own, else positions from 0."""
    stated = [i for m in messages if (i := text(m.get("index"))) is not None]
    if len(set(stated)) == len(messages):
        return stated
    return [str(position) for position in range(len(messages))]


def called(message: Value) -> list[Row]:
    """The tool calls of a message as `id`, `name` and `arguments`, in whichever spelling."""
    found = objects(message.get("tool_calls"))
    if call := member(message, "function_call"):
        found.append(call)
    return [_call(c) for c in found]


def _call(call: Value) -> Row:
    inner = member(call, "function")
    name = text(call.get("name")) or text(inner.get("name")) or text(call.get("function"))
    arguments = call.get("arguments", inner.get("arguments", call.get("args")))
    return {"id": text(call.get("id")), "name": name or "unknown", "arguments": arguments}


def spoken(content: object, calls: list[Row]) -> Any:
    """What a model answered: its words, with the calls it asked for where there are any."""
    words = said(content)
    return {"content": words, "tool_calls": calls} if calls else words


def _add_answer(
    transcript: Transcript, step_id: str, message: Value, calls: dict[str, Row]
) -> None:
    call_id, content = text(message.get("tool_call_id")), said(message.get("content"))
    call = calls.get(call_id or "", {})
    name = text(message.get("name")) or call.get("name", "unknown")
    step: Row = {"kind": "tool", "name": name, "tool": name, "agent": ASSISTANT}
    step |= {"call_id": call_id, "in_band_error": is_in_band_error({}, content)}
    transcript.add(step_id, step, input=call.get("arguments"), output=content)
