"""How a span failed: its status and its exceptions."""

from __future__ import annotations

from typing import Any

from ingest.fields.scalars import Attributes, first_count, text
from ingest.traces.opentelemetry.wire import plain_attributes

Row = dict[str, Any]


def put_failure(
    step: Row, found: Attributes, status: tuple[str, str | None], exception: Attributes
) -> None:
    """Set status, error type, message and HTTP status; a dialect's own error stays.

    `error.type` on a span of status unset is an error too: the convention sets it only then.
    """
    word, message = status
    kind = text(found.get("error.type"))
    if word == "unset" and (kind or step.get("status") == "error"):
        word = "error"
    step["status"] = word
    step["error_type"] = kind or text(exception.get("exception.type")) or step.get("error_type")
    raised = text(exception.get("exception.message"))
    step["error_message"] = message or raised or step.get("error_message")
    step["http_status"] = first_count(found, "http.response.status_code", "http.status_code")


def last_exception(events: object) -> Attributes:
    """The attributes of the last exception among OTLP events, empty when there is none."""
    if not events:
        return {}
    if not isinstance(events, list):
        raise ValueError("events is not a list.")
    for event in reversed(events):
        if isinstance(event, dict) and event.get("name") == "exception":
            return plain_attributes(event.get("attributes"))
    return {}
