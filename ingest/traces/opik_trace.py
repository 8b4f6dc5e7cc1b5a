"""A trace of Opik with its spans, a file each, as its command line downloads them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from ingest.fields.pages import excerpt
from ingest.formats import Placed, Read, Reject, Rows, Sample, Value
from ingest.traces.calls_once import settle
from ingest.traces.opik.runs import claim_of
from ingest.traces.opik.scores import feedback
from ingest.traces.opik.spans import span_rows

NAME = "opik.cli.trace"
HOLDS: Literal["whole", "part"] = "whole"
RECORDS = "run_claims"
BASIS: Literal["files", "documentation"] = "files"
OBTAIN = "`opik export WORKSPACE project NAME traces --format json`; load the folder it fills."


def accepts(sample: Sample) -> bool:
    """Whether any of the values is a trace beside its spans."""
    return sample.container == "json" and any(map(_is_trace, sample.values))


def _is_trace(value: Value) -> bool:
    trace = value.get("trace")
    if not isinstance(trace, dict) or not isinstance(value.get("spans"), list):
        return False
    return "id" in trace and "start_time" in trace


def read(values: Iterator[Value]) -> Iterator[Read]:
    """One run with its steps and scores; what is wrong with a part of it is a reject of its own."""
    for value in values:
        if _is_trace(value):
            yield from _run(value)
        else:
            yield Reject("shape", "it has no trace and spans.", excerpt=excerpt(value))


def _run(value: Value) -> Iterator[Read]:
    trace, bad = value["trace"], list[Reject]()
    try:
        claim = claim_of(trace, value.get("project_name"))
    except ValueError as error:
        yield Reject("shape", str(error), "trace", excerpt(trace))
        return
    run_id = claim["run_id"]
    rows: Rows = {"run_claims": [claim], "steps": [], "payloads": [], "feedback": []}
    _judge(rows, bad, "trace", trace, "run")
    for at, span in enumerate(value["spans"]):
        place = f"spans[{at}]"
        try:
            if not isinstance(span, dict):
                raise ValueError("a span is not an object.")
            made = span_rows(span, run_id)
        except ValueError as error:
            bad.append(Reject("shape", str(error), place, excerpt(span)))
            continue
        for table in ("steps", "payloads"):
            rows[table] += made[table]
        _judge(rows, bad, place, span, "step")
    settle(rows)
    yield Placed({table: found for table, found in rows.items() if found}, "")
    yield from bad


def _judge(rows: Rows, bad: list[Reject], place: str, judged: Value, kind: str) -> None:
    for row in feedback(judged, kind, rows["run_claims"][0]["run_id"]):
        if isinstance(row, Reject):
            bad.append(row._replace(place=f"{place}.{row.place}"))
        else:
            rows["feedback"].append(row)
