"""Spans of Phoenix (Arize): the client's dataframe, and two pages of its REST API.

Their attributes are OpenInference's. Times of a dataframe are milliseconds or ISO text, by how it
was written; those of `/spans/otlpv1` are nanoseconds that were rounded on the way. Cost is there
only where the application set it: what Phoenix works out never leaves its server.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from ingest.fields.pages import Found, items
from ingest.formats import Read, Sample, Value
from ingest.traces.calls_once import calls_once
from ingest.traces.opentelemetry import apart
from ingest.traces.opentelemetry.apart import Apart
from ingest.traces.phoenix import spans


def _is_frame(sample: Sample) -> bool:
    kinds = {"span_kind", "attributes.openinference.span.kind"}
    return sample.has("context.trace_id", "context.span_id") and not kinds.isdisjoint(
        sample.columns
    )


def _is_rest(sample: Sample) -> bool:
    return sample.has("context", "span_kind", "status_code", "start_time") and any(
        isinstance(value.get("context"), dict) and "span_id" in value["context"]
        for value in sample.values
    )


def _is_otlp(sample: Sample) -> bool:
    return sample.has("start_time_unix_nano", "span_id", "trace_id", "attributes") and any(
        isinstance(value.get("attributes"), list) for value in sample.values
    )


@dataclass
class Spans:
    """The format of one export of spans; `paged` says that they only come in an envelope."""

    NAME: str
    OBTAIN: str
    fits: Callable[[Sample], bool]
    decode: Callable[[Value], Apart]
    paged: bool = False

    HOLDS: Literal["whole", "part"] = "part"
    RECORDS = "steps feedback"
    BASIS: Literal["files", "documentation"] = "files"

    def accepts(self, sample: Sample) -> bool:
        """Whether the values, or those of the page they are in, are such spans."""
        return self.fits(sample.under("data")) or (not self.paged and self.fits(sample))

    def read(self, values: Iterator[Value]) -> Iterator[Read]:
        """Rows of each span, then of each judgement written onto it."""
        return calls_once(apart.read(values, self.decode, _page))


def _page(value: Value) -> Iterator[Found]:
    return items(value, "data")


FORMATS = (
    Spans(
        "phoenix.spans.df",
        "`Client().spans.get_spans_dataframe(project_identifier=…, limit=…)`, then"
        " `.to_parquet(…)`, `.to_csv(…)` or `.to_json(…, orient='records', lines=True)`.",
        _is_frame,
        spans.span,
    ),
    Spans(
        "phoenix.rest.spans",
        "Save the pages of GET /v1/projects/{project}/spans.",
        _is_rest,
        spans.span,
    ),
    Spans(
        "phoenix.rest.otlpv1",
        "Save the pages of GET /v1/projects/{project}/spans/otlpv1; those of …/spans are exact.",
        _is_otlp,
        spans.otlp_span,
        paged=True,
    ),
)
