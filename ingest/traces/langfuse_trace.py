"""A Langfuse trace with its observations: the download of the interface, or the API's trace detail.

The interface writes `{trace, observations}` and repeats the observations inside the trace; the API
and the SDKs write them inside only. Costs stand on the observations; the trace's own total is their
sum, or 0. An observation may name a parent that is not in the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from ingest.fields.objects import as_object
from ingest.fields.pages import each, parts
from ingest.fields.rejects import parted, within
from ingest.formats import Placed, Read, Rows, Sample, Value
from ingest.traces.calls_once import settle
from ingest.traces.langfuse.judged import listed_scores
from ingest.traces.langfuse.nesting import Nesting
from ingest.traces.langfuse.observation import observation_rows
from ingest.traces.langfuse.records import plain
from ingest.traces.langfuse.run import trace_claim

NAME = "langfuse.trace"
HOLDS: Literal["whole", "part"] = "whole"
RECORDS = "run_claims"
BASIS: Literal["files", "documentation"] = "files"
OBTAIN = (
    "Langfuse: open a trace and press Download; or save GET /api/public/traces/{traceId}, or a list"
    " of them."
)

Row = dict[str, Any]

ENVELOPES = ("data", "traces")


def accepts(sample: Sample) -> bool:
    """Whether any of the values is a trace that holds observations."""
    if sample.container != "json":
        return False
    return any(is_trace(v) for page in (sample, *map(sample.under, ENVELOPES)) for v in page.values)


def is_trace(value: Value) -> bool:
    """Whether it is a trace with its observations, in either shape."""
    trace, found = value.get("trace"), value.get("observations")
    if isinstance(trace, dict):
        return isinstance(found, list) and "id" in trace and _times(trace, "timestamp")
    if not isinstance(found, list) or "id" not in value or not _times(value, "timestamp"):
        return False
    return any(isinstance(o, dict) and _times(o, "startTime", "start_time") for o in found)


def _times(record: Value, *names: str) -> bool:
    return any(name in record for name in names)


def read(values: Iterator[Value]) -> Iterator[Read]:
    """One run with its steps and scores; what is wrong with a part of it is a reject of its own."""
    return each(values, _trace, *ENVELOPES)


def _trace(value: Value, place: str) -> Iterator[Read]:
    record = plain(as_object(value.get("trace")) or value)
    claim = trace_claim(record)
    run_id = claim["run_id"]
    found, bad = parted(
        parts(
            value.get("observations"),
            "observations",
            lambda o: observation_rows(plain(o) | {"trace_id": run_id}),
        )
    )
    told = {made["steps"][0]["step_id"]: {t: made[t][0] for t in made} for made in found}
    rows: Rows = {t: [made[t] for made in told.values()] for t in ("steps", "payloads")}
    settle(rows["steps"], Nesting)
    _put_run(claim, list(told.values()), record)
    rows["feedback"], no_scores = parted(listed_scores(record, run_id))
    kept = {"run_claims": [claim], **rows}
    yield Placed({table: held for table, held in kept.items() if held}, place)
    for reject in (*bad, *no_scores):
        yield within(place, reject)


def _put_run(claim: Row, made: list[Row], record: Row) -> None:
    """What the observations say of the run: its times, and how the one at the top went."""
    steps = [m["steps"] for m in made]
    if any(step["started_at"] is not None for step in steps):
        claim.pop("started_at", None)
        claim.pop("ended_at", None)
    ids = {step["step_id"] for step in steps}
    tops = [m for m in made if m["steps"].get("parent_step_id") not in ids]
    if len(tops) != 1:
        return
    top = tops[0]
    if top["steps"]["status"] == "error":
        claim["status"], claim["error_message"] = "error", top["steps"]["error_message"]
    claim.setdefault("root_name", top["steps"]["name"])
    for name, value in top["run_claims"].items():
        if name != "attributes":
            claim.setdefault(name, value)
    for name in ("input", "output"):
        if top["payloads"][name] is None and name in record:
            top["payloads"][name] = record[name]
