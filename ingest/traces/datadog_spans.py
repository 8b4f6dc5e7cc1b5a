"""Spans of Datadog LLM Observability: intake events, bodies of its HTTP API, its Export API.

The trace id of LLM Observability is the run; that of APM is kept beside it. Evaluations in an
export are feedback on their span.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from ingest.feedback.datadog_evals import exported
from ingest.fields.pages import unpacked
from ingest.fields.rejects import within
from ingest.formats import Placed, Read, Reject, Sample, Value
from ingest.traces.calls_once import calls_once
from ingest.traces.datadog.envelopes import spans_in
from ingest.traces.datadog.spans import span_rows

NAME = "datadog.llmobs.spans"
HOLDS: Literal["whole", "part"] = "part"
RECORDS = "steps feedback"
BASIS: Literal["files", "documentation"] = "files"
OBTAIN = (
    "Save the pages of POST /api/v2/llm-obs/v1/spans/events/search (Export API), or the bodies an"
    " application sends to /api/v2/llmobs."
)


def accepts(sample: Sample) -> bool:
    """Whether any of the values is such an envelope or span."""
    return sample.container == "json" and any(map(_holds, sample.values))


def _holds(value: Value) -> bool:
    if "_dd.stage" in value and "event_type" in value:
        return isinstance(value.get("spans"), list)
    data = value.get("data")
    if isinstance(data, dict):
        told = data.get("attributes")
        return data.get("type") in ("span", None) and isinstance(told, dict) and "spans" in told
    if isinstance(data, list):
        return any(_is_resource(found) for found in data)
    return _is_span(value)


def _is_resource(found: Any) -> bool:
    is_span = isinstance(found, dict) and found.get("type") == "span"
    return is_span and isinstance(found.get("attributes"), dict) and _is_span(found["attributes"])


def _is_span(value: Value) -> bool:
    told = value.keys() >= {"trace_id", "start_ns", "duration"}
    return told and not value.keys().isdisjoint(("meta", "span_kind"))


def read(values: Iterator[Value]) -> Iterator[Read]:
    """Rows of each span, then of each evaluation on it."""
    found = (span for value in values for span in spans_in(value))
    return calls_once(unpacked(found, _records))


def _records(value: Value, place: str) -> Iterator[Read]:
    rows = span_rows(value)
    yield Placed(rows, place)
    for row in exported(value.get("evaluation"), rows["steps"][0]):
        yield within(place, row) if isinstance(row, Reject) else Placed({"feedback": [row]}, place)
