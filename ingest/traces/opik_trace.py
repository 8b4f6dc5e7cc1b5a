"""A trace of Opik with its spans, a file each, as its command line downloads them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Literal

from ingest.fields.pages import each, listed, merged, unpacked
from ingest.fields.rejects import within
from ingest.formats import Placed, Read, Sample, Value
from ingest.traces.calls_once import settle
from ingest.traces.opik.records import span_records, trace_rows

TABLES = ("run_claims", "steps", "payloads", "feedback")

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
    return each(values, _run)


def _run(value: Value, _: str) -> Iterator[Read]:
    if not _is_trace(value):
        raise ValueError("it has no trace and spans.")
    told, bad = trace_rows(value["trace"], value.get("project_name"))
    in_run = partial(span_records, run_id=told["run_claims"][0]["run_id"])
    rows, bad_spans = merged(unpacked(listed(value["spans"], "spans"), in_run))
    settle(rows.get("steps", []))
    rows["feedback"] = told.pop("feedback") + rows.get("feedback", [])
    yield Placed({t: found for t in TABLES if (found := (told | rows).get(t))}, "")
    yield from (within("trace", reject) for reject in bad)
    yield from bad_spans
