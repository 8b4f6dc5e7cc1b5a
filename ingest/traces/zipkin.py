"""Spans in Zipkin's JSON, version 2: an array of spans, or one a line.

Times and durations are microseconds, ids may be of 64 bits, tags are text. A span shared by the
two ends of a call has one id and stands twice: that of the server is placed below the client's.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from ingest.fields.scalars import Attributes, count, text
from ingest.formats import Read, Sample, Value
from ingest.traces.opentelemetry import apart
from ingest.traces.opentelemetry.apart import Apart, fields, padded_id
from ingest.traces.opentelemetry.spans import Span
from ingest.traces.opentelemetry.wire import plain_attributes, span_kind, status

NAME = "zipkin.spans"
HOLDS: Literal["whole", "part"] = "part"
RECORDS = "steps feedback approvals"
BASIS: Literal["files", "documentation"] = "files"
OBTAIN = "In Zipkin open a trace and choose Download JSON, or save GET /api/v2/trace/TRACE_ID."

TAGS_READ = ("error", "otel.status_code", "otel.status_description")


def accepts(sample: Sample) -> bool:
    """Whether any of the values is a span with the endpoint it was recorded at."""
    return sample.container == "json" and any(
        value.keys() >= {"traceId", "id", "localEndpoint"} for value in sample.values
    )


def read(values: Iterator[Value]) -> Iterator[Read]:
    """Rows of each span."""
    return apart.read(values, _decoded)


def _decoded(value: Value) -> Apart:
    run_id, step_id = padded_id(value.get("traceId"), 32), padded_id(value.get("id"), 16)
    if run_id is None or step_id is None:
        raise ValueError(f"it has no {'traceId' if run_id is None else 'id'}.")
    parent = padded_id(value.get("parentId"), 16)
    if value.get("shared") is True:
        parent, step_id = step_id, f"{step_id}-shared"
    tags, endpoint = plain_attributes(value.get("tags")), fields(value.get("localEndpoint"))
    start, took = count(value.get("timestamp")), count(value.get("duration"))
    span = Span(
        run_id,
        step_id,
        parent,
        text(value.get("name")) or "unnamed",
        start or None,
        start + took if start and took is not None else None,
        {k: v for k, v in tags.items() if k not in TAGS_READ},
        span_kind(value.get("kind")),
        _status(tags),
        {},
        {},
    )
    service = text(endpoint.get("serviceName"))
    resource = {"service.name": service} if service else {}
    return Apart(span, resource, text(tags.get("otel.scope.name")))


def _status(tags: Attributes) -> tuple[str, str | None]:
    """The status; a tag `error` says that it failed, its value perhaps why."""
    word, error = text(tags.get("otel.status_code")), text(tags.get("error"))
    if word is None and error is not None and error.lower() != "false":
        word = "ERROR"
    why = tags.get("otel.status_description") or (None if error == "true" else error)
    return status({"code": f"STATUS_CODE_{word}", "message": why})
