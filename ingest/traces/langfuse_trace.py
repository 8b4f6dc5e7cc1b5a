"""A Langfuse trace with its observations: the download of the interface, or the API's trace detail.

The interface writes `{trace, observations}` and repeats the observations inside the trace; the API
and the SDKs write them inside only. Costs stand on the observations; the trace's own total is their
sum, or 0. An observation may name a parent that is not in the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from ingest.formats import Placed, Read, Reject, Rows, Sample, Value
from ingest.traces.langfuse.judged import listed_scores
from ingest.traces.langfuse.nesting import Nesting
from ingest.traces.langfuse.observation import observation_rows
from ingest.traces.langfuse.records import listed, plain, reject
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
    for value in values:
        for place, found in listed(value, *ENVELOPES):
            if isinstance(found, dict):
                yield from _trace(found, place)
            else:
                yield found


def _trace(value: Value, place: str) -> Iterator[Read]:
    inner = value.get("trace")
    record = plain(inner if isinstance(inner, dict) else value)
    observations = value.get("observations")
    try:
        claim = trace_claim(record)
    except ValueError as error:
        yield reject(error, value, place)
        return
    rows: Rows = {"run_claims": [claim], "steps": [], "payloads": [], "feedback": []}
    bad = _put_steps(rows, observations if isinstance(observations, list) else [], record)
    for row in listed_scores(record, claim["run_id"]):
        if isinstance(row, Reject):
            bad.append(row)
        else:
            rows["feedback"].append(row)
    yield Placed({table: found for table, found in rows.items() if found}, place)
    for row in bad:
        yield row._replace(place=".".join(filter(None, (place, row.place))))


def _put_steps(rows: Rows, observations: list[Any], record: Row) -> list[Reject]:
    """Add the steps of the observations; those of the wrong shape are returned."""
    claim, bad, told = rows["run_claims"][0], list[Reject](), dict[str, Row]()
    for number, found in enumerate(observations):
        place = f"observations[{number}]"
        try:
            if not isinstance(found, dict):
                raise ValueError("an observation is not an object.")
            made = observation_rows(plain(found) | {"trace_id": claim["run_id"]})
        except ValueError as error:
            bad.append(reject(error, found, place))
            continue
        told[made["steps"][0]["step_id"]] = {t: made[t][0] for t in made}
    for table in ("steps", "payloads"):
        rows[table] = [made[table] for made in told.values()]
    _settle(rows["steps"])
    _put_run(claim, list(told.values()), record)
    return bad


def _settle(steps: list[Row]) -> None:
    nesting = Nesting()
    for step in steps:
        nesting.add(step)
    for step in steps:
        nesting.settle(step)


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
