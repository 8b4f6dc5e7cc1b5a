"""Pages of Opik's REST API, and lists its SDK returns: spans, and traces without their spans."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ingest.fields.pages import Pages
from ingest.fields.rejects import within
from ingest.formats import Placed, Read, Sample, Value
from ingest.traces.calls_once import calls_once
from ingest.traces.opik.records import span_records, trace_rows

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


def _trace(value: Value, place: str) -> Iterator[Read]:
    rows, bad = trace_rows(value)
    yield Placed(rows, place)
    for reject in bad:
        yield within(place, reject)


@dataclass
class OpikPages(Pages):
    """The format of one kind of page; in an envelope the names that mark it may be missing."""

    keys: tuple[str, ...] = (CONTENT,)
    names: tuple[str, ...] = ()

    def accepts(self, sample: Sample) -> bool:
        """Whether the values, or those of the page they are in, are of that kind."""
        if sample.container != "json":
            return False
        paged = sample.has("page", "total", CONTENT) and sample.under(CONTENT).has(*self.names)
        return paged or self.fits(sample)


FORMATS = (
    OpikPages(
        "opik.rest.spans",
        "steps feedback",
        "Save the pages of GET /v1/private/spans, or dump `client.search_spans(…)` as JSON.",
        _is_spans,
        span_records,
        settle=calls_once,
        names=SPAN,
    ),
    OpikPages(
        "opik.rest.traces",
        "run_claims",
        "Save the pages of GET /v1/private/traces; the spans tell more.",
        _is_traces,
        _trace,
        names=TRACE,
    ),
)
