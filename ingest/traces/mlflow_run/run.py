"""One trace of MLflow as a run: what its info says, its steps, and the judgements on it.

The token usage and cost in the info are sums over the spans and are kept as facts only.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ingest.fields.content import without_content
from ingest.fields.moments import moment
from ingest.fields.objects import flat
from ingest.fields.pages import excerpt
from ingest.fields.scalars import first_text, first_value, number, text
from ingest.formats import Placed, Read, Reject, Rows, Value
from ingest.hashes import sha256
from ingest.traces.calls_once import settle
from ingest.traces.mlflow_run.assessments import feedback, not_judged, updated_at
from ingest.traces.mlflow_run.model_call import describe
from ingest.traces.mlflow_run.spans import decoded, span_of
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
WRITTEN = ("mlflow.traceInputs", "mlflow.traceOutputs", "mlflow.trace.user", "mlflow.user")


def run(info: Value, spans: object, place: str) -> Iterator[Read]:
    """The run, then a reject of each part of it that has the wrong shape."""
    try:
        claim = _claim(info)
    except ValueError as error:
        yield Reject("shape", str(error), place, excerpt(info))
        return
    rows: Rows = {"run_claims": [claim], "steps": [], "payloads": [], "feedback": []}
    bad = _put_steps(rows, decoded(spans))
    listed = decoded(info.get("assessments"))
    for row in feedback(listed, claim["run_id"], claim.get("ended_at") or claim.get("started_at")):
        if isinstance(row, Reject):
            bad.append(row)
        else:
            rows["feedback"].append(row)
    for payload in rows["payloads"][:1]:
        payload["attributes"] |= flat(not_judged(listed))
    yield Placed({table: found for table, found in rows.items() if found}, place)
    for reject in bad:
        yield reject._replace(place=".".join(filter(None, (place, reject.place))))


def run_id_of(value: object) -> str | None:
    """The id of a trace without what MLflow writes before it: for MLflow 3 OpenTelemetry's."""
    found = text(value)
    return None if found is None else found.rpartition("/")[2].removeprefix("tr-")


def _claim(info: Value) -> Row:
    run_id = run_id_of(first_value(info, "trace_id", "request_id"))
    if run_id is None:
        raise ValueError("it has no trace_id.")
    tags = _named(info.get("tags"))
    metadata = _named(first_value(info, *METADATA))
    start, lasted = moment(first_value(info, "request_time", "timestamp_ms")), _milliseconds(info)
    user = first_text(metadata, "mlflow.trace.user")
    claim = {
        "run_id": run_id,
        "record_at": updated_at(decoded(info.get("assessments"))),
        "workflow_name": first_text(tags, "mlflow.traceName"),
        "status": STATES.get((first_text(info, "state", "status") or "").upper()),
        "started_at": start,
        "ended_at": None if start is None or lasted is None else start + round(lasted * 1_000),
        "user_hash": sha256(user.encode("utf-8", "surrogatepass")) if user else None,
        "attributes": _facts(info, metadata | tags),
        **{column: first_text(metadata | tags, *names) for column, names in COLUMNS.items()},
    }
    return {column: value for column, value in claim.items() if value is not None}


def _milliseconds(info: Value) -> float | None:
    stated = first_value(info, *DURATIONS)
    if isinstance(stated, str) and stated.endswith("s"):
        seconds = number(stated.removesuffix("s"))
        return None if seconds is None else seconds * 1_000
    return number(stated)


def _named(value: object) -> Row:
    """Tags or metadata, as an object or as the `{key, value}` pairs of the REST API."""
    value = decoded(value)
    if isinstance(value, list):
        pairs = (pair for pair in value if isinstance(pair, dict))
        return {str(pair.get("key")): pair.get("value") for pair in pairs}
    return value if isinstance(value, dict) else {}


def _facts(info: Value, stated: Row) -> Row:
    kept = {name: value for name, value in stated.items() if name not in WRITTEN and value != ""}
    kept["mlflow.client_request_id"] = text(info.get("client_request_id"))
    return {k: v for k, v in without_content(kept).items() if v is not None}


def _put_steps(rows: Rows, spans: object) -> list[Reject]:
    """Add the steps of the spans; those of the wrong shape are returned."""
    claim, bad, origin = rows["run_claims"][0], list[Reject](), origin_of({})
    if isinstance(spans, str):
        return [Reject("shape", UNREADABLE, "spans", spans[:500])]
    for at, found in enumerate(spans if isinstance(spans, list) else ()):
        value = decoded(found)
        try:
            if not isinstance(value, dict):
                raise ValueError("a span is not an object.")
            made = span_rows(span_of(value, claim["run_id"]), origin, describe)
        except ValueError as error:
            bad.append(Reject("shape", str(error), f"spans[{at}]", excerpt(found)))
            continue
        payload = made["payloads"][0]
        payload["attributes"] = flat(payload["attributes"])
        for table in ("steps", "payloads"):
            rows[table] += made[table]
        _tell(claim, made)
    settle(rows)
    return bad


UNREADABLE = "the spans are printed as Python objects. Export as Parquet or JSON lines instead."


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
