"""OpenTelemetry spans written one by one, as home-made exporters do: no request around them.

Either the fields of an OTLP span, or a span object of the JavaScript SDK: times as `[seconds,
nanoseconds]`, or as microseconds with a duration; attributes plain; the resource beside them. The
same writers put log records and metrics between the spans.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from ingest.fields.scalars import Attributes, count, number, text
from ingest.formats import Ignored, Read, Sample, Value
from ingest.traces.opentelemetry import apart, requests
from ingest.traces.opentelemetry.apart import Apart, fields, iso_micros
from ingest.traces.opentelemetry.failures import last_exception
from ingest.traces.opentelemetry.log_records import Log, log
from ingest.traces.opentelemetry.spans import Span
from ingest.traces.opentelemetry.wire import hex_id, links, plain_attributes, span_kind, status

NAME = "otel.spans"
HOLDS: Literal["whole", "part"] = "part"
RECORDS = "steps feedback approvals"
BASIS: Literal["files", "documentation"] = "files"
OBTAIN = (
    "Have an exporter of your own write the spans as JSON lines (Copilot CLI:"
    " `COPILOT_OTEL_FILE_EXPORTER_PATH`)."
)
SPAN_IDS = (("traceId", "spanId"), ("trace_id", "span_id"))
STARTS = ("startTimeUnixNano", "start_time_unix_nano", "startTime")


def accepts(sample: Sample) -> bool:
    """Whether any of the values is a span by its ids and times."""
    return sample.container == "json" and any(_is_span(value) for value in sample.values)


def _is_span(value: Value) -> bool:
    if isinstance(value.get("_spanContext"), dict):
        return "startTime" in value
    if value.keys() >= {"traceId", "id", "timestamp", "duration", "attributes"}:
        return "localEndpoint" not in value
    has_ids = any(value.keys() >= set(ids) for ids in SPAN_IDS)
    return has_ids and any(name in value for name in STARTS)


def read(values: Iterator[Value]) -> Iterator[Read]:
    """Rows of each span and log record; metrics are ignored."""
    return apart.read(values, _decoded)


def _decoded(value: Value) -> Apart | Ignored:
    if value.get("type") == "metric" or "scopeMetrics" in value or "dataPoints" in value:
        return Ignored(requests.METRICS)
    resource, scope = _resource(value.get("resource")), _scope(value)
    if "hrTime" in value:
        return Apart(_log(value), resource, scope)
    for names in (requests.CAMEL, requests.SNAKE):
        if names.start in value:
            return Apart(requests.decoded(value, names, plain_attributes), resource, scope)
    return Apart(_span(value), resource, scope)


def _span(value: Value) -> Span:
    """A span object of the JavaScript SDK."""
    context = fields(value.get("_spanContext")) or value
    run_id = hex_id(context.get("traceId", context.get("trace_id")), 32)
    step_id = hex_id(context.get("spanId", context.get("span_id", context.get("id"))), 16)
    if run_id is None or step_id is None:
        raise ValueError(f"it has no {'traceId' if run_id is None else 'spanId'}.")
    parent = fields(value.get("parentSpanContext")).get("spanId")
    started, ended = _times(value)
    return Span(
        run_id,
        step_id,
        hex_id(parent or value.get("parentSpanId") or value.get("parentId"), 16),
        text(value.get("name")) or "unnamed",
        started,
        ended,
        plain_attributes(value.get("attributes")),
        span_kind(value["kind"] if isinstance(value.get("kind"), str) else None),
        status(value.get("status")),
        last_exception(value.get("events")),
        {"otel.links": found} if (found := links(value.get("links"))) else {},
    )


def _times(value: Value) -> tuple[int | None, int | None]:
    """Start and end: `[seconds, nanoseconds]`, ISO 8601, or microseconds and a duration."""
    if "startTime" in value:
        return _time(value["startTime"]), _time(value.get("endTime"))
    start, duration = (number(value.get(name)) for name in ("timestamp", "duration"))
    if start is None:
        return None, None
    return int(start), None if duration is None else int(start + duration)


def _time(value: object) -> int | None:
    if isinstance(value, list) and len(value) == 2:
        seconds, nanoseconds = count(value[0]), count(value[1])
        if seconds is None or nanoseconds is None:
            raise ValueError(f"'{str(value)[:60]}' is not [seconds, nanoseconds].")
        return (seconds * 1_000_000 + nanoseconds // 1_000) or None
    return iso_micros(value)


def _log(value: Value) -> Log:
    context = fields(value.get("spanContext"))
    ids = hex_id(context.get("traceId"), 32), hex_id(context.get("spanId"), 16)
    names = value.get("eventName"), value.get("body", value.get("_body"))
    return log(plain_attributes(value.get("attributes")), names, _time(value["hrTime"]), ids)


def _resource(value: object) -> Attributes:
    """The attributes of a resource, also as the pairs its object keeps inside."""
    held = fields(value)
    pairs = held.get("_rawAttributes")
    if isinstance(pairs, list):
        named = {p[0]: p[1] for p in pairs if isinstance(p, list) and len(p) == 2 and _named(p)}
        return plain_attributes(named)
    return plain_attributes(held.get("attributes"))


def _named(pair: list[object]) -> bool:
    return isinstance(pair[0], str)


def _scope(value: Value) -> str | None:
    scope = value.get("instrumentationScope") or value.get("instrumentationLibrary")
    return text(scope.get("name")) if isinstance(scope, dict) else None
