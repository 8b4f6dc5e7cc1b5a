"""Traces and sessions of Phoenix's REST API: what they say of runs whose spans are in other pages.

A trace may list its spans, without attributes. The token counts are sums over spans that are not
here, so they are kept as facts and count as nobody's tokens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from ingest.fields.moments import moment
from ingest.fields.pages import EMPTY, excerpt, items
from ingest.fields.scalars import count
from ingest.formats import Ignored, Placed, Read, Reject, Rows, Sample, Value
from ingest.traces.opentelemetry import apart
from ingest.traces.opentelemetry.wire import hex_id
from ingest.traces.phoenix.spans import span

Row = dict[str, Any]

COUNTS = ("token_count_prompt", "token_count_completion", "token_count_total")


def _is_traces(sample: Sample) -> bool:
    listed = not sample.columns.isdisjoint(("token_count_total", "spans"))
    return listed and sample.has("trace_id", "project_id", "start_time", "end_time")


def _is_sessions(sample: Sample) -> bool:
    return sample.has("session_id", "project_id", "traces")


def _traces(value: Value, place: str) -> Iterator[Read]:
    """The claim of a trace with the steps it lists; what is wrong with one is a reject."""
    rows: Rows = {"run_claims": [_claim(value)]}
    listed, bad = value.get("spans"), list[Reject]()
    if isinstance(listed, list):
        spans = ({"data": [_of_trace(found, value["trace_id"])]} for found in listed)
        for number, told in enumerate(apart.read(spans, span, items)):
            if isinstance(told, Reject):
                bad.append(told._replace(place=f"{place}.spans[{number}]".removeprefix(".")))
            elif isinstance(told, dict):
                _add(rows, told)
    yield Placed(rows, place)
    yield from bad


def _of_trace(found: object, run_id: object) -> object:
    if not isinstance(found, dict):
        return found
    return {**found, "context": {"trace_id": run_id, "span_id": found.get("span_id")}}


def _add(rows: Rows, told: Rows) -> None:
    for table in ("steps", "payloads"):
        rows.setdefault(table, []).extend(told[table])
    for claim in told.get("run_claims", []):
        rows["run_claims"][0] |= {n: claim[n] for n in ("root_name", "status") if claim.get(n)}


def _sessions(value: Value, place: str) -> Iterator[Read]:
    listed = value.get("traces")
    if not isinstance(listed, list) or not listed:
        yield Ignored("sessions that list no trace")
        return
    for number, found in enumerate(listed):
        below = f"{place}.traces[{number}]".removeprefix(".")
        if isinstance(found, dict):
            claim = _claim(found) | {"session_id": value.get("session_id")}
            yield Placed({"run_claims": [claim]}, below)
        else:
            yield Reject("shape", "a trace is not an object.", below, excerpt(found))


def _claim(value: Value) -> Row:
    run_id = hex_id(value.get("trace_id"), 32)
    if run_id is None:
        raise ValueError("it has no trace_id.")
    sums = {f"phoenix.{n}": counted for n in COUNTS if (counted := count(value.get(n)))}
    return {
        "run_id": run_id,
        "started_at": moment(value.get("start_time")),
        "ended_at": moment(value.get("end_time")),
        "attributes": sums,
    }


@dataclass
class Totals:
    """The format of one kind of page."""

    NAME: str
    OBTAIN: str
    fits: Callable[[Sample], bool]
    unpack: Callable[[Value, str], Iterator[Read]]

    HOLDS: Literal["whole", "part"] = "part"
    RECORDS = "run_claims"
    BASIS: Literal["files", "documentation"] = "files"

    def accepts(self, sample: Sample) -> bool:
        """Whether the values, or those of the page they are in, are of that kind."""
        return any(self.fits(page) for page in (sample, sample.under("data")))

    def read(self, values: Iterator[Value]) -> Iterator[Read]:
        """A claim of each trace."""
        for value in values:
            for place, found in items(value):
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
    Totals(
        "phoenix.rest.traces",
        "Save the pages of GET /v1/projects/{project}/traces; the spans tell more.",
        _is_traces,
        _traces,
    ),
    Totals(
        "phoenix.rest.sessions",
        "Save the pages of GET /v1/projects/{project}/sessions.",
        _is_sessions,
        _sessions,
    ),
)
