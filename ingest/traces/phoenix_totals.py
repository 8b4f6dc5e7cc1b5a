"""Traces and sessions of Phoenix's REST API: what they say of runs whose spans are in other pages.

A trace may list its spans, without attributes. The token counts are sums over spans that are not
here, so they are kept as facts and count as nobody's tokens.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ingest.fields.moments import first_moment
from ingest.fields.pages import Found, Pages, listed, merged, unpacked
from ingest.fields.rejects import within
from ingest.fields.scalars import count
from ingest.formats import Ignored, Placed, Read, Sample, Value
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
    claim = _claim(value)
    rows, bad = merged(apart.read(iter([value]), span, _spans))
    for said in rows.pop("run_claims", []):
        claim |= {n: said[n] for n in ("root_name", "status") if said.get(n)}
    yield Placed({"run_claims": [claim], **rows}, place)
    for reject in bad:
        yield within(place, reject)


def _spans(trace: Value) -> Iterator[Found]:
    """The spans a trace lists, with the context those of other pages have."""
    for place, found in listed(trace.get("spans"), "spans"):
        if isinstance(found, dict):
            ids = {"trace_id": trace["trace_id"], "span_id": found.get("span_id")}
            yield place, {**found, "context": ids}
        else:
            yield place, found


def _sessions(value: Value, place: str) -> Iterator[Read]:
    session = {"session_id": value.get("session_id")}
    traces = listed(value.get("traces"), f"{place}.traces".removeprefix("."))
    claims = unpacked(
        traces, lambda trace, at: [Placed({"run_claims": [_claim(trace) | session]}, at)]
    )
    yield from list(claims) or [Ignored("sessions that list no trace")]


def _claim(value: Value) -> Row:
    run_id = hex_id(value.get("trace_id"), 32)
    if run_id is None:
        raise ValueError("it has no trace_id.")
    sums = {f"phoenix.{n}": counted for n in COUNTS if (counted := count(value.get(n)))}
    return {
        "run_id": run_id,
        "started_at": first_moment(value, "start_time"),
        "ended_at": first_moment(value, "end_time"),
        "attributes": sums,
    }


FORMATS = (
    Pages(
        "phoenix.rest.traces",
        "run_claims",
        "Save the pages of GET /v1/projects/{project}/traces; the spans tell more.",
        _is_traces,
        _traces,
    ),
    Pages(
        "phoenix.rest.sessions",
        "run_claims",
        "Save the pages of GET /v1/projects/{project}/sessions.",
        _is_sessions,
        _sessions,
    ),
)
