"""OpenTelemetry spans as a console exporter prints them: one object each, over lines or on one.

Ids begin with `0x`, kind and status are words, times are ISO 8601, attributes a plain object.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from ingest.fields.scalars import text
from ingest.formats import Read, Sample, Value
from ingest.traces.opentelemetry import apart
from ingest.traces.opentelemetry.apart import Apart, fields, iso_micros
from ingest.traces.opentelemetry.failures import last_exception
from ingest.traces.opentelemetry.spans import Span
from ingest.traces.opentelemetry.wire import hex_id, links, plain_attributes, span_kind, status

NAME = "otel.console"
HOLDS: Literal["whole", "part"] = "part"
RECORDS = "steps feedback approvals"
BASIS: Literal["files", "documentation"] = "files"
OBTAIN = (
    "Give the OpenTelemetry Python SDK a ConsoleSpanExporter and send what it prints to a file."
)


def accepts(sample: Sample) -> bool:
    """Whether the values are printed spans: a context with ids that begin with `0x`."""
    return (
        sample.container == "json"
        and sample.has("context", "kind", "start_time", "attributes", "resource")
        and any(_is_printed(value.get("context")) for value in sample.values)
    )


def _is_printed(context: object) -> bool:
    return isinstance(context, dict) and str(context.get("trace_id")).startswith("0x")


def read(values: Iterator[Value]) -> Iterator[Read]:
    """Rows of each span."""
    return apart.read(values, _decoded)


def _decoded(value: Value) -> Apart:
    context, stated = fields(value.get("context")), fields(value.get("status"))
    run_id, step_id = hex_id(context.get("trace_id"), 32), hex_id(context.get("span_id"), 16)
    if run_id is None or step_id is None:
        raise ValueError(f"it has no {'trace_id' if run_id is None else 'span_id'}.")
    word = f"STATUS_CODE_{stated.get('status_code')}"
    span = Span(
        run_id,
        step_id,
        hex_id(value.get("parent_id"), 16),
        text(value.get("name")) or "unnamed",
        iso_micros(value.get("start_time")),
        iso_micros(value.get("end_time")),
        plain_attributes(value.get("attributes")),
        span_kind(value.get("kind")),
        status({"code": word, "message": stated.get("description")}),
        last_exception(value.get("events")),
        {"otel.links": found} if (found := links(value.get("links"))) else {},
    )
    return Apart(span, plain_attributes(fields(value.get("resource")).get("attributes")))
