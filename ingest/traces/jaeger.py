"""Traces as Jaeger writes them: its API and download button, or spans as it stores them.

Times and durations are microseconds, ids may lack leading zeros, attributes are tags with a type
beside them: lists stand in a tag as JSON text. The parent is the reference CHILD_OF.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from ingest.fields.scalars import Attributes, count, first_text, flag, text
from ingest.formats import Read, Reject, Sample, Value
from ingest.traces.opentelemetry import apart
from ingest.traces.opentelemetry.apart import Apart, fields, padded_id
from ingest.traces.opentelemetry.requests import excerpt
from ingest.traces.opentelemetry.spans import Span
from ingest.traces.opentelemetry.wire import plain_attributes, span_kind, status

NAME = "jaeger.traces"
HOLDS: Literal["whole", "part"] = "part"
RECORDS = "steps feedback approvals"
BASIS: Literal["files", "documentation"] = "files"
OBTAIN = "In Jaeger open a trace and choose Trace JSON, or save GET /api/traces?service=NAME."

TRACE = frozenset({"traceID", "spans", "processes"})
SPAN = frozenset({"traceID", "spanID", "operationName", "startTime"})
TAGS_READ = ("error", "otel.status_code", "otel.status_description", "span.kind")
SCOPES = ("otel.scope.name", "otel.library.name")


def accepts(sample: Sample) -> bool:
    """Whether any of the values is a Jaeger trace, a list of them, or a span."""
    return sample.container == "json" and any(
        value.keys() >= SPAN or any(trace.keys() >= TRACE for _, trace in _traces(value))
        for value in sample.values
    )


def read(values: Iterator[Value]) -> Iterator[Read]:
    """Rows of each span, with its place."""
    return apart.read(values, _decoded, _spans)


def _traces(value: Value) -> list[tuple[str, Value]]:
    """The traces of a value with their places: under `data`, or the value itself."""
    listed = value.get("data")
    if not isinstance(listed, list):
        return [("", value)]
    return [(f"data[{n}].", t) for n, t in enumerate(listed) if isinstance(t, dict)]


def _spans(value: Value) -> Iterator[tuple[str, Value | Reject]]:
    """The spans of a value, each with the process it names."""
    if value.keys() >= SPAN:
        yield "", value
        return
    if not isinstance(value.get("data", []), list):
        yield "data", Reject("shape", "a list was expected.", "data", excerpt(value))
    for place, trace in _traces(value):
        spans, processes = trace.get("spans"), trace.get("processes")
        if not isinstance(spans, list):
            yield place, Reject("shape", "it has no spans.", place.rstrip("."), excerpt(trace))
            continue
        named = processes if isinstance(processes, dict) else {}
        for number, span in enumerate(spans):
            at = f"{place}spans[{number}]"
            if isinstance(span, dict):
                yield at, {"process": named.get(str(span.get("processID"))), **span}
            else:
                yield at, Reject("shape", "an object was expected.", at, excerpt(span))


def _decoded(value: Value) -> Apart:
    run_id, step_id = padded_id(value.get("traceID"), 32), padded_id(value.get("spanID"), 16)
    if run_id is None or step_id is None:
        raise ValueError(f"it has no {'traceID' if run_id is None else 'spanID'}.")
    tags, process = _tags(value.get("tags")), fields(value.get("process"))
    start, took = count(value.get("startTime")), count(value.get("duration"))
    span = Span(
        run_id,
        step_id,
        padded_id(_parent(value), 16),
        text(value.get("operationName")) or "unnamed",
        start or None,
        start + took if start and took is not None else None,
        {k: v for k, v in tags.items() if k not in TAGS_READ},
        span_kind(tags.get("span.kind")),
        _status(tags),
        _exception(value.get("logs")),
        {},
    )
    service = text(process.get("serviceName"))
    resource = _tags(process.get("tags")) | ({"service.name": service} if service else {})
    return Apart(span, resource, first_text(tags, *SCOPES))


def _parent(value: Value) -> Any:
    """The span that this one is a child of, else the one that it follows."""
    found = value.get("references")
    listed = [r for r in found if isinstance(r, dict)] if isinstance(found, list) else []
    own = [r for r in listed if r.get("traceID") in (None, value.get("traceID"))]
    for kind in ("CHILD_OF", "FOLLOWS_FROM"):
        for reference in own:
            if reference.get("refType") == kind:
                return reference.get("spanID")
    return value.get("parentSpanID")


def _tags(listed: object) -> Attributes:
    """Tags as a dict; whole numbers may come as text."""
    if listed is None:
        return {}
    if isinstance(listed, dict):
        return plain_attributes(listed)
    if not isinstance(listed, list):
        raise ValueError("tags is not a list.")
    found: Attributes = {}
    for tag in listed:
        if isinstance(tag, dict) and isinstance(tag.get("key"), str):
            value = tag.get("value")
            number = count(value) if tag.get("type") == "int64" else None
            found[tag["key"]] = value if number is None else number
    return plain_attributes(found)


def _status(tags: Attributes) -> tuple[str, str | None]:
    word = text(tags.get("otel.status_code"))
    if word is None and flag(tags.get("error")):
        word = "ERROR"
    return status({"code": f"STATUS_CODE_{word}", "message": tags.get("otel.status_description")})


def _exception(listed: object) -> Attributes:
    """The last exception among the logs; OpenTracing calls its parts otherwise."""
    for entry in reversed(listed if isinstance(listed, list) else []):
        found = _tags(entry.get("fields")) if isinstance(entry, dict) else {}
        kind = first_text(found, "exception.type", "error.kind")
        message = first_text(found, "exception.message")
        if message is None and text(found.get("event")) == "error":
            message = first_text(found, "message", "error.object")
        if kind or message:
            return {"exception.type": kind, "exception.message": message}
    return {}
