"""Assessments of MLflow as feedback: of a trace, one of its spans, or its session.

An expectation is what was hoped for and judges nothing. A judge that failed left an error instead
of a score. An assessment that another one overrides, or that is marked invalid, no longer counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from ingest.feedback.judgement import judgement, source_of
from ingest.fields.moments import first_moment
from ingest.fields.objects import from_json, member, objects
from ingest.fields.pages import parts
from ingest.fields.people import person_hash
from ingest.fields.scalars import first_text, text
from ingest.formats import Reject, Value
from ingest.traces.mlflow_run.spans import span_id

Row = dict[str, Any]

SOURCES = {
    "HUMAN": "reviewer",
    "LLM_JUDGE": "evaluator",
    "AI_JUDGE": "evaluator",
    "LLM": "evaluator",
    "CODE": "evaluator",
}
SESSION = "mlflow.trace.session"
UPDATED = ("last_update_time", "last_update_time_ms")


def feedback(items: object, run_id: str, ended_at: int | None) -> Iterator[Row | Reject]:
    """A feedback row of each assessment in force that is a judgement; a reject of what is none."""
    superseded = {text(item.get("overrides")) for item in objects(items)} - {None}

    def row(item: Value) -> Row | None:
        in_force = item.get("valid") is not False and _id(item) not in superseded
        return _row(item, run_id, ended_at) if in_force and _judges(item) else None

    for told in parts(items, "assessments", row):
        if told is not None:
            yield told


def not_judged(items: object) -> Row:
    """Expectations and errors of judges, as facts."""
    kept: Row = {}
    for item in objects(items):
        name = text(item.get("assessment_name"))
        if name is None:
            continue
        expected, failed = item.get("expectation"), member(item, "feedback").get("error")
        if isinstance(expected, dict):
            kept[f"mlflow.expectation.{name}"] = _expected(expected)
        elif failed:
            kept[f"mlflow.assessment_error.{name}"] = failed
    return kept


def updated_at(items: object) -> int | None:
    """When the newest of the assessments was written."""
    times = []
    for item in objects(items):
        with suppress(ValueError):
            times.append(first_moment(item, *UPDATED))
    return max((time for time in times if time is not None), default=None)


def _expected(expected: Value) -> Any:
    value = member(expected, "serialized_value").get("value")
    return from_json(value) if value is not None else expected.get("value")


def _judges(item: Value) -> bool:
    said = member(item, "feedback")
    return not said.get("error") and (said.get("value") is not None or bool(item.get("rationale")))


def _id(item: Value) -> str | None:
    return text(item.get("assessment_id"))


def _row(item: Value, run_id: str, ended_at: int | None) -> Row:
    name = first_text(item, "assessment_name", "name")
    created = first_moment(item, "create_time", "create_time_ms", *UPDATED) or ended_at
    if name is None or created is None:
        raise ValueError(f"the assessment has no {'name' if name is None else 'time'}.")
    author = member(item, "source")
    stated = SOURCES.get((text(author.get("source_type")) or "").upper(), "unknown")
    identity = _id(item)
    return {
        **({"feedback_id": f"mlflow:{run_id}:{identity}"} if identity else {}),
        **_target(item, run_id),
        "created_at": created,
        "record_at": first_moment(item, *UPDATED),
        "source": source_of(name, stated),
        "author_hash": person_hash(author.get("source_id")),
        "comment": text(item.get("rationale")),
        **judgement(name, member(item, "feedback").get("value")),
    }


def _target(item: Value, run_id: str) -> Row:
    session = text(member(item, "metadata").get(SESSION))
    step_id = span_id(item.get("span_id"))
    if session is not None:
        return {"target_kind": "session", "target_id": session, "run_id": None}
    if step_id is not None:
        kind = {"target_kind": "step", "target_id": step_id, "step_id": step_id}
        return kind | {"run_id": run_id}
    return {"target_kind": "run", "target_id": run_id, "run_id": run_id}
