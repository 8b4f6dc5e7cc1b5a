"""The messages of a sample as steps, for logs that were written without events."""

from __future__ import annotations

from typing import Any

from ingest.fields.objects import objects
from ingest.fields.scalars import text
from ingest.formats import Value
from ingest.traces.inspect_log.calls import provider_of, put_tool_error
from ingest.traces.inspect_log.events import Recorder

Row = dict[str, Any]

UNTIMED = (None, None)


def record_messages(recorder: Recorder, messages: list[Value], model: str | None) -> None:
    """A step for every message a model or a tool wrote; none of them has a time."""
    calls = {c.get("id"): c for m in messages for c in objects(m.get("tool_calls"))}
    for place, message in enumerate(messages):
        key = f"{place:05d}"
        if message.get("role") == "assistant":
            _model(recorder, key, message, model)
        elif message.get("role") == "tool":
            call_id = text(message.get("tool_call_id"))
            call = calls.get(call_id, {})
            name = text(message.get("function")) or text(call.get("function")) or "unknown"
            step = recorder.step(key, None, "tool", name, UNTIMED)
            step["tool"], step["call_id"], step["status"] = name, call_id, "ok"
            put_tool_error(step, message.get("error"))
            recorder.payloads[key]["input"] = recorder.texts.whole(call.get("arguments"))
            recorder.payloads[key]["output"] = recorder.texts.whole(message.get("content"))


def _model(recorder: Recorder, key: str, message: Value, model: str | None) -> None:
    named = text(message.get("model")) or model or "model"
    step = recorder.step(key, None, "llm", named, UNTIMED)
    step["model"], step["provider"], step["status"] = named, provider_of(named), "ok"
    said, thought = recorder.texts.answer(message)
    recorder.payloads[key] |= {"output": said, "rationale": thought}
