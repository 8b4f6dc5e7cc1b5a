"""A span of MLflow: ids in base64 or hex, every attribute JSON text.

MLflow 3 writes nanoseconds and a status object; MLflow 2 a context and a status code; the dataframe
of Databricks ISO times. A name and its JSON text are decoded once, here.
"""

from __future__ import annotations

from ingest.fields.moments import first_moment
from ingest.fields.objects import from_json
from ingest.fields.scalars import Attributes, first_value, text
from ingest.formats import Value
from ingest.traces.opentelemetry.failures import last_exception
from ingest.traces.opentelemetry.spans import Span
from ingest.traces.opentelemetry.wire import hex_id, plain_attributes, status

STARTS = ("start_time_unix_nano", "start_time", "start_time_ns", "startTimeUnixNano")
ENDS = ("end_time_unix_nano", "end_time", "end_time_ns", "endTimeUnixNano")
MESSAGES = "mlflow.chat.messages"
PARENTS = ("parent_span_id", "parent_id", "parentSpanId")


def span_of(value: Value, run_id: str) -> Span:
    """The span of a run; ValueError, in words for the user, where its shape is wrong."""
    context = value.get("context")
    holder = context if isinstance(context, dict) else value
    step_id = span_id(first_value(holder, "span_id", "spanId"))
    if step_id is None:
        raise ValueError("it has no span_id.")
    events = value.get("events")
    return Span(
        run_id,
        step_id,
        span_id(first_value(value, *PARENTS)),
        text(value.get("name")) or "unnamed",
        first_moment(value, *STARTS),
        first_moment(value, *ENDS),
        _attributes(value.get("attributes")),
        None,
        _status(value),
        last_exception(events if isinstance(events, list) else None),
        {},
    )


def span_id(value: object) -> str | None:
    """An id in hex, from hex or base64; anything else stays as it is."""
    try:
        return hex_id(value, 16)
    except ValueError:
        return text(value)


def _attributes(value: object) -> Attributes:
    told = from_json(value)
    found = plain_attributes(told) if isinstance(told, dict | list) else {}
    return {n: from_json(held) for n, held in found.items() if held is not None and n != MESSAGES}


def _status(value: Value) -> tuple[str, str | None]:
    stated = value.get("status")
    if isinstance(stated, dict):
        code, message = stated.get("code"), stated.get("message")
    else:
        code, message = value.get("status_code", stated), value.get("status_message")
    if isinstance(code, str) and not code.startswith("STATUS_CODE_"):
        code = f"STATUS_CODE_{code.upper()}"
    return status({"code": code, "message": message})
