"""Whole traces as Phoenix's command line writes them (`--format raw`), a file or object each.

The spans are those of the REST API. Annotations and notes may stand on the trace and on its spans.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from ingest.feedback.phoenix_annotations import annotation
from ingest.fields.objects import member
from ingest.fields.pages import Found, items, listed, unpacked
from ingest.fields.rejects import misshapen
from ingest.formats import Read, Sample, Value
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
            yield misshapen("it has no spans.", value)
            continue
        yield from calls_once(apart.read(iter([value]), span, _spans))
        yield from _judged(value, "", {"trace_id": value.get("traceId")})
        for place, found in _spans(value):
            if isinstance(found, dict):
                target = {"span_id": member(found, "context").get("span_id")}
                yield from _judged(found, f"{place}.", target)


def _spans(value: Value) -> Iterator[Found]:
    return items(value, "spans")


def _judged(holder: Value, place: str, target: Value) -> Iterator[Read]:
    """The annotations of a trace or span; what they judge is said by where they stand."""
    for name in JUDGED:
        yield from unpacked(
            listed(holder.get(name), f"{place}{name}"),
            lambda found, at: annotation(target | found, at),
        )
