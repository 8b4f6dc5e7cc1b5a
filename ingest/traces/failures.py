"""How a span failed: its status, its exceptions, and errors a tool reports inside its answer."""

from __future__ import annotations

from typing import Any

import orjson

from ingest.traces.scalars import first_count, flag, text
from ingest.traces.wire import Attributes, attributes, status

Row = dict[str, Any]

FLAGS = ("mcp.is_error", "gen_ai.tool.call.is_error", "pilot.is_error")
HINTS = ('"isError"', '"is_error"', '"error"', '"success"')


def put_failure(step: Row, found: Attributes, stated: object, events: object) -> None:
    """Set status, error type, message and HTTP status.

    `error.type` on a span of status unset is an error too: the convention sets it only then.
    """
    word, message = status(stated)
    kind, raised = text(found.get("error.type")), None
    if kind and word == "unset":
        word = "error"
    if events:
        exception = _exception(events)
        kind = kind or text(exception.get("exception.type"))
        raised = text(exception.get("exception.message"))
    step["status"] = word
    step["error_type"] = kind
    step["error_message"] = message or raised
    step["http_status"] = first_count(found, "http.response.status_code", "http.status_code")


def _exception(events: object) -> Attributes:
    """The attributes of the last exception event, empty when there is none."""
    if not isinstance(events, list):
        raise ValueError("events is not a list.")
    for event in reversed(events):
        if isinstance(event, dict) and event.get("name") == "exception":
            return attributes(event.get("attributes"))
    return {}


def is_in_band_error(found: Attributes, answer: object) -> bool:
    """Whether a structured flag of the span or of the tool's answer says error; never its words."""
    if any(flag(found.get(name)) for name in FLAGS):
        return True
    if isinstance(answer, str):
        if answer[:1] != "{" or not any(hint in answer for hint in HINTS):
            return False
        try:
            answer = orjson.loads(answer)
        except orjson.JSONDecodeError:
            return False
    if not isinstance(answer, dict):
        return False
    if answer.get("isError") is True or answer.get("is_error") is True:
        return True
    return bool(answer.get("error")) or answer.get("success") is False
