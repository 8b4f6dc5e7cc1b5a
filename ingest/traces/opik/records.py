"""Spans and traces of Opik with the scores that stand inside them."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.fields.rejects import parted, within
from ingest.formats import Placed, Read, Reject, Rows, Value
from ingest.traces.opik.runs import claim_of
from ingest.traces.opik.scores import feedback
from ingest.traces.opik.spans import span_rows


def span_records(value: Value, place: str, run_id: str | None = None) -> Iterator[Read]:
    """The step of a span, then each of its scores; `run_id` is the trace it was found in."""
    rows = span_rows(value, run_id)
    yield Placed(rows, place)
    for row in feedback(value, "step", rows["steps"][0]["run_id"]):
        yield within(place, row) if isinstance(row, Reject) else Placed({"feedback": [row]}, place)


def trace_rows(value: Value, project: object = None) -> tuple[Rows, list[Reject]]:
    """The claim of a trace with the scores on it, and a reject of each that is none."""
    claim = claim_of(value, project)
    scores, bad = parted(feedback(value, "run", claim["run_id"]))
    return {"run_claims": [claim], "feedback": scores}, bad
