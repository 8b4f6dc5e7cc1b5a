"""One trace of MLflow as a run: what its info says, its steps, and the judgements on it.

The token usage and cost in the info are sums over the spans and are kept as facts only.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ingest.fields.content import without_content
from ingest.fields.moments import first_moment
from ingest.fields.objects import flat, from_json, mapping
from ingest.fields.pages import parts
from ingest.fields.people import person_hash
from ingest.fields.rejects import misshapen, parted, within
from ingest.fields.scalars import first_text, first_value, number, text
from ingest.formats import Placed, Read, Reject, Rows, Value
from ingest.traces.calls_once import settle
from ingest.traces.mlflow_run.assessments import feedback, not_judged, updated_at
from ingest.traces.mlflow_run.spans import span_of
from ingest.traces.opentelemetry import mlflow
from ingest.traces.opentelemetry.run_facts import origin_of
from ingest.traces.opentelemetry.spans import span_rows

Row = dict[str, Any]

METADATA = ("trace_metadata", "request_metadata")
DURATIONS = ("execution_duration_ms", "execution_duration", "execution_time_ms")
STATES = {"OK": "ok", "ERROR": "error", "IN_PROGRESS": "running"}
COLUMNS = {
    "session_id": ("mlflow.trace.session",),
    "environment": ("mlflow.source.environment",),
    "version": ("mlflow.modelId", "mlflow.source.git.commit"),
}
NO_ORIGIN = origin_of({})
UNREADABLE = "the spans are printed as Python objects. Export as Parquet or JSON lines instead."
WRITTEN = ("mlflow.traceInputs", "mlflow.traceOutputs", "mlflow.trace.user", "mlflow.user")


def run(info: Value, spans: object, place: str) -> Iterator[Read]:
    """The run, then a reject of each part of it that has the wrong shape."""
    assessments = _items(info.get("assessments"))
    claim = _claim(info, updated_at(assessments))
    made, bad = _steps(_items(spans), claim)
    rows: Rows = {t: [row for told in made for row in told[t]] for t in ("steps", "payloads")}
    settle(rows["steps"])
    for payload in rows["payloads"]:
        payload["attributes"] = flat(payload["attributes"])
    for payload in rows["payloads"][:1]:
        payload["attributes"] |= flat(not_judged(assessments))
    judged_at = claim["ended_at"] or claim["started_at"]
    rows["feedback"], none = parted(feedback(assessments, claim["run_id"], judged_at))
    kept = {"run_claims": [claim], **rows}
    yield Placed({table: found for table, found in kept.items() if found}, place)
    for reject in (*bad, *none):
        yield within(place, reject)


def _items(listed: object) -> object:
    """The items of a list, which may be JSON text as may each of them; anything else as it is."""
    found = from_json(listed)
    return [from_json(item) for item in found] if isinstance(found, list) else found


def _steps(spans: object, claim: Row) -> tuple[list[Rows], list[Reject]]:
    """The rows of the spans, which also tell the claim; a reject of each of the wrong shape."""
    if isinstance(spans, str):
        return [], [misshapen(UNREADABLE, spans, "spans")]
    made, bad = parted(
        parts(
            spans,
            "spans",
            lambda span: span_rows(span_of(span, claim["run_id"]), NO_ORIGIN, mlflow.described),
        )
    )
    for rows in made:
        _tell(claim, rows)
    return made, bad


def run_id_of(value: object) -> str | None:
    """The id of a trace without what MLflow writes before it: for MLflow 3 OpenTelemetry's."""
    found = text(value)
    return None if found is None else found.rpartition("/")[2].removeprefix("tr-")


def _claim(info: Value, record_at: int | None) -> Row:
    run_id = run_id_of(first_value(info, "trace_id", "request_id"))
    if run_id is None:
        raise ValueError("it has no trace_id.")
    tags, metadata = mapping(info.get("tags")), mapping(first_value(info, *METADATA))
    start, lasted = first_moment(info, "request_time", "timestamp_ms"), _milliseconds(info)
    return {
        "run_id": run_id,
        "record_at": record_at,
        "workflow_name": first_text(tags, "mlflow.traceName"),
        "status": STATES.get((first_text(info, "state", "status") or "").upper()),
        "started_at": start,
        "ended_at": None if start is None or lasted is None else start + round(lasted * 1_000),
        "user_hash": person_hash(metadata.get("mlflow.trace.user")),
        "attributes": _facts(info, metadata | tags),
        **{column: first_text(metadata | tags, *names) for column, names in COLUMNS.items()},
    }


def _milliseconds(info: Value) -> float | None:
    stated = first_value(info, *DURATIONS)
    if isinstance(stated, str) and stated.endswith("s"):
        seconds = number(stated.removesuffix("s"))
        return None if seconds is None else seconds * 1_000
    return number(stated)


def _facts(info: Value, stated: Row) -> Row:
    kept = {name: value for name, value in stated.items() if name not in WRITTEN and value != ""}
    kept["mlflow.client_request_id"] = text(info.get("client_request_id"))
    return {k: v for k, v in without_content(kept).items() if v is not None}


def _tell(claim: Row, made: Rows) -> None:
    """What a span says of the run: the root its times, to the nanosecond, and how it failed."""
    step = made["steps"][0]
    for told in made.get("run_claims", []):
        claim.update({"session_id": told["session_id"]} if told.get("session_id") else {})
    if step["parent_step_id"] is not None or "root_name" in claim:
        return
    claim["root_name"] = step["name"]
    if step["started_at"] is not None:
        claim["started_at"], claim["ended_at"] = step["started_at"], step["ended_at"]
    if step["status"] == "error":
        claim["error_message"] = step["error_message"]
