"""How a span failed: its status and its exceptions."""

from __future__ import annotations

from typing import Any

from ingest.fields.scalars import Attributes, first_count, text
from ingest.traces.opentelemetry.wire import attributes, status

Row = dict[str, Any]


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
