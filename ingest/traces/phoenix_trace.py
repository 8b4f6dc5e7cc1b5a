"""Whole traces as Phoenix's command line writes them (`--format raw`), a file or object each.

The spans are those of the REST API. Annotations and notes may stand on the trace and on its spans.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from ingest.feedback.phoenix_annotations import annotation
from ingest.fields.pages import excerpt, items
from ingest.formats import Read, Reject, Sample, Value
from ingest.traces.calls_once import calls_once
from ingest.traces.opentelemetry import apart
from ingest.traces.phoenix.spans import span

NAME = "phoenix.cli.trace"
HOLDS: Literal["whole", "part"] = "part"
RECORDS = "steps feedback"
BASIS: Literal["files", "documentation"] = "documentation"
OBTAIN = "`px trace list DIR --format raw --include-annotations` (npm: @arizeai/phoenix-cli)."

JUDGED = ("annotations", "notes")


def accepts(sample: Sample) -> bool:
    """Whether any of the values is a trace with spans of the REST API."""
    return sample.container == "json" and any(map(_is_trace, sample.values))


def _is_trace(value: Value) -> bool:
    found = value.get("spans")
    first = found[0] if isinstance(found, list) and found else None
    has_context = isinstance(first, dict) and isinstance(first.get("context"), dict)
    return (
        has_context
        and "traceId" in value
        and not value.keys().isdisjoint(("rootSpan", "startTime", "status", "duration"))
    )


def read(values: Iterator[Value]) -> Iterator[Read]:
    """Rows of each span and each annotation."""
    for value in values:
        if not isinstance(value.get("spans"), list):
            yield Reject("shape", "it has no spans.", excerpt=excerpt(value))
            continue
        yield from calls_once(apart.read(iter([value]), span, _spans))
        yield from _judged(value, "", {"trace_id": value.get("traceId")})
        for number, found in enumerate(value["spans"]):
            if isinstance(found, dict):
                yield from _judged(found, f"spans[{number}].", _ids(found))


def _spans(value: Value) -> Iterator[tuple[str, Value | Reject]]:
    return items(value, "spans")


def _ids(span_: Value) -> Value:
    context = span_.get("context")
    return {"span_id": context.get("span_id") if isinstance(context, dict) else None}


def _judged(holder: Value, place: str, target: Value) -> Iterator[Read]:
    """The annotations of a trace or span; what they judge is said by where they stand."""
    for name in JUDGED:
        listed: Any = holder.get(name)
        for number, found in enumerate(listed if isinstance(listed, list) else ()):
            told = target | found if isinstance(found, dict) else found
            yield annotation(told, f"{place}{name}[{number}]")
