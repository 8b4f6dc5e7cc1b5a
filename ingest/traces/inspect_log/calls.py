"""Model and tool calls of Inspect logs as steps, wherever in a log they are told of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from ingest.fields.messages import brief
from ingest.fields.moments import stated_time
from ingest.fields.objects import member, objects
from ingest.fields.scalars import number, text
from ingest.formats import Value
from ingest.traces.inspect_log.texts import Texts
from ingest.traces.inspect_log.usage import put_usage

Row = dict[str, Any]
Times = tuple[datetime | None, datetime | None]

GATEWAYS = frozenset({"openai-api"})
OWN_CACHE, REFUSED = "read", "approval"


class When(NamedTuple):
    """The time of an event, and those of the events before and after it."""

    before: datetime | None
    at: datetime | None
    after: datetime | None


def instant(value: object) -> datetime | None:
    """A time with its zone, UTC where it names none."""
    found = stated_time(value)
    return found.replace(tzinfo=UTC) if found and found.tzinfo is None else found


def lasting(event: Value, when: When) -> Times:
    """When a call began and ended.

    Early logs have one time for it, some versions when it began, some when it ended: the wider gap
    to the events around it is the call.
    """
    ended = instant(event.get("completed"))
    at = when.at
    if ended or at is None or event.get("pending") or "working_start" in event:
        return at, ended
    seconds = number(member(event, "output").get("time"))
    took = timedelta(seconds=seconds) if seconds is not None and 0 <= seconds < 1e6 else None
    before, after = when.before or at, when.after or at
    if at - before > after - at:
        return (at - took if took else before), at
    return at, (at + took if took else when.after)


def provider_of(model: str) -> str | None:
    """Who serves a model, the first part of its name, or the second behind a general gateway."""
    parts = model.split("/")
    if len(parts) > 2 and parts[0] in GATEWAYS:
        return parts[1]
    return parts[0] if len(parts) > 1 else None


def put_model(step: Row, payload: Row, event: Value, texts: Texts) -> None:
    """Set what a model event says; a call answered from Inspect's own cache used no tokens."""
    output = member(event, "output")
    named = text(event.get("model")) or text(output.get("model")) or "model"
    choice = (objects(output.get("choices")) or [{}])[0]
    step["model"], step["provider"], step["name"] = named, provider_of(named), named
    step["response_model"], step["role"] = text(output.get("model")), text(event.get("role"))
    step["response_id"] = text(member(member(event, "call"), "response").get("id"))
    step["tools_offered"] = [t["name"] for t in objects(event.get("tools")) if t.get("name")]
    step["finish_reason"] = text(choice.get("stop_reason"))
    if event.get("cache") != OWN_CACHE:
        put_usage(step, member(output, "usage"))
    error = event.get("error") or output.get("error")
    step["status"] = "error" if error else "unset" if event.get("pending") else "ok"
    step["error_message"] = brief(error)
    payload["input"] = texts.new_input(event)
    payload["output"], payload["rationale"] = texts.answer(member(choice, "message"))
    payload["attributes"] = _facts(event, "retries", "cache", "working_time")


def put_tool(step: Row, payload: Row, event: Value, texts: Texts) -> None:
    """Set what a tool event says; an error was told to the model, unless the call broke down."""
    step["name"] = step["tool"] = text(event.get("function")) or "unknown"
    step["call_id"], step["handoff_to"] = text(event.get("id")), text(event.get("agent"))
    broke = event.get("failed") is True
    step["status"] = "error" if broke else "unset" if event.get("pending") else "ok"
    put_tool_error(step, event.get("error"))
    payload["input"] = texts.whole(event.get("arguments"))
    payload["output"] = texts.whole(event.get("result"))
    payload["attributes"] = _facts(event, "working_time")


def put_tool_error(step: Row, error: object) -> None:
    """Set the error a tool answered with; one that was not approved did not run."""
    if not isinstance(error, dict):
        return
    step["in_band_error"] = True
    step["error_type"] = text(error.get("type"))
    step["error_message"] = brief(error.get("message"))
    if step["error_type"] == REFUSED:
        step["is_executed"] = False


def _facts(event: Value, *names: str) -> dict[str, Any]:
    return {f"inspect.{n}": event[n] for n in names if isinstance(event.get(n), str | int | float)}
