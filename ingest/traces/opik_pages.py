"""Pages of Opik's REST API, and lists its SDK returns: spans, and traces without their spans."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from ingest.fields.pages import EMPTY, excerpt, items
from ingest.formats import Ignored, Placed, Read, Reject, Rows, Sample, Value
from ingest.traces.calls_once import calls_once
from ingest.traces.opik.runs import claim_of
from ingest.traces.opik.scores import feedback
from ingest.traces.opik.spans import span_rows

CONTENT = "content"
SPAN = ("id", "trace_id", "start_time", "type")
SPAN_ONLY = ("total_estimated_cost_version", "error_info", "ttft", "feedback_scores")
TRACE = ("id", "start_time", "span_count")


def _is_spans(sample: Sample) -> bool:
    if not sample.has(*SPAN) or "run_type" in sample.columns:
        return False
    return sample.has("parent_span_id") and not sample.columns.isdisjoint(SPAN_ONLY)


def _is_traces(sample: Sample) -> bool:
    known = {"llm_span_count", "has_tool_spans", "thread_id", "feedback_scores", "duration"}
    return sample.has(*TRACE) and not known.isdisjoint(sample.columns)


def _span(value: Value, place: str) -> Iterator[Read]:
    rows = span_rows(value)
    yield Placed(rows, place)
    for row in feedback(value, "step", rows["steps"][0]["run_id"]):
        if isinstance(row, Reject):
            yield row._replace(place=f"{place}.{row.place}".removeprefix("."))
        else:
            yield Placed({"feedback": [row]}, place)


def _trace(value: Value, place: str) -> Iterator[Read]:
    claim = claim_of(value)
    found = list(feedback(value, "run", claim["run_id"]))
    rows: Rows = {"run_claims": [claim]}
    rows["feedback"] = [row for row in found if isinstance(row, dict)]
    yield Placed(rows, place)
    for row in found:
        if isinstance(row, Reject):
            yield row._replace(place=f"{place}.{row.place}".removeprefix("."))


@dataclass
class Page:
    """The format of one kind of page; in an envelope the names that mark it may be missing."""

    NAME: str
    RECORDS: str
    OBTAIN: str
    fits: Callable[[Sample], bool]
    names: tuple[str, ...]
    unpack: Callable[[Value, str], Iterator[Read]]

    HOLDS: Literal["whole", "part"] = "part"
    BASIS: Literal["files", "documentation"] = "files"

    def accepts(self, sample: Sample) -> bool:
        """Whether the values, or those of the page they are in, are of that kind."""
        if sample.container != "json":
            return False
        paged = sample.has("page", "total", CONTENT) and sample.under(CONTENT).has(*self.names)
        return paged or self.fits(sample)

    def read(self, values: Iterator[Value]) -> Iterator[Read]:
        """The records of each span or trace."""
        return calls_once(self._read(values))

    def _read(self, values: Iterator[Value]) -> Iterator[Read]:
        for value in values:
            for place, found in items(value, CONTENT):
                yield from self._records(found, place)

    def _records(self, found: Value | Reject, place: str) -> Iterator[Read]:
        if isinstance(found, Reject) or not found:
            yield found if isinstance(found, Reject) else Ignored(EMPTY)
            return
        try:
            yield from list(self.unpack(found, place))
        except ValueError as error:
            yield Reject("shape", str(error), place, excerpt(found))


FORMATS = (
    Page(
        "opik.rest.spans",
        "steps feedback",
        "Save the pages of GET /v1/private/spans, or dump `client.search_spans(…)` as JSON.",
        _is_spans,
        SPAN,
        _span,
    ),
    Page(
        "opik.rest.traces",
        "run_claims",
        "Save the pages of GET /v1/private/traces; the spans tell more.",
        _is_traces,
        TRACE,
        _trace,
    ),
)
