"""Assessments of MLflow as feedback: of a trace, one of its spans, or its session.

An expectation is what was hoped for and judges nothing. A judge that failed left an error instead
of a score. An assessment that another one overrides, or that is marked invalid, no longer counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ingest.feedback.judgement import author_hash, judgement, source_of
from ingest.fields.moments import moment
from ingest.fields.objects import as_object
from ingest.fields.pages import excerpt
from ingest.fields.scalars import first_text, first_value, text
from ingest.formats import Reject, Value
from ingest.traces.mlflow_run.spans import decoded, span_id

Row = dict[str, Any]

SOURCES = {
    "HUMAN": "reviewer",
    "LLM_JUDGE": "evaluator",
    "AI_JUDGE": "evaluator",
    "LLM": "evaluator",
    "CODE": "evaluator",
}
SESSION = "mlflow.trace.session"


def feedback(listed: object, run_id: str, ended_at: int | None) -> Iterator[Row | Reject]:
    """A feedback row of each assessment in force that is a judgement; a reject of what is none."""
    items = [decoded(item) for item in listed] if isinstance(listed, list) else []
    objects = [item for item in items if isinstance(item, dict)]
    superseded = {text(item.get("overrides")) for item in objects}
    for number, item in enumerate(items):
        place = f"assessments[{number}]"
        try:
            if not isinstance(item, dict):
                raise ValueError("an assessment is not an object.")
            if item.get("valid") is not False and _id(item) not in superseded and _judges(item):
                yield _row(item, run_id, ended_at)
        except ValueError as error:
            yield Reject("shape", str(error), place, excerpt(item))


def not_judged(listed: object) -> Row:
    """Expectations and errors of judges, as facts to keep beside the run's root."""
    kept: Row = {}
    for item in listed if isinstance(listed, list) else ():
        name = text(item.get("assessment_name")) if isinstance(item, dict) else None
        if name is None:
            continue
        expected, failed = item.get("expectation"), _feedback(item).get("error")
        if isinstance(expected, dict):
            kept[f"mlflow.expectation.{name}"] = _expected(expected)
        elif failed:
            kept[f"mlflow.assessment_error.{name}"] = failed
    return {fact: value for fact, value in kept.items() if value is not None}


def updated_at(listed: object) -> int | None:
    """When the newest of the assessments was written."""
    times = [
        moment(item.get("last_update_time"))
        for item in (listed if isinstance(listed, list) else ())
        if isinstance(item, dict)
    ]
    return max((time for time in times if time is not None), default=None)


def _expected(expected: Value) -> Any:
    value = as_object(expected.get("serialized_value")).get("value")
    return decoded(value) if value is not None else expected.get("value")


def _feedback(item: Value) -> Value:
    return as_object(item.get("feedback"))


def _judges(item: Value) -> bool:
    said = _feedback(item)
    return not said.get("error") and (said.get("value") is not None or bool(item.get("rationale")))


def _id(item: Value) -> str | None:
    return text(item.get("assessment_id"))


def _row(item: Value, run_id: str, ended_at: int | None) -> Row:
    name = first_text(item, "assessment_name", "name")
    created = moment(first_value(item, "create_time", "create_time_ms", "last_update_time"))
    created = created or ended_at
    if name is None or created is None:
        raise ValueError(f"the assessment has no {'name' if name is None else 'time'}.")
    author = as_object(item.get("source"))
    stated = SOURCES.get((text(author.get("source_type")) or "").upper(), "unknown")
    identity = _id(item)
    return {
        **({"feedback_id": f"mlflow:{run_id}:{identity}"} if identity else {}),
        **_target(item, run_id),
        "created_at": created,
        "record_at": moment(first_value(item, "last_update_time", "last_update_time_ms")),
        "source": source_of(name, stated),
        "author_hash": author_hash(author.get("source_id")),
        "comment": text(item.get("rationale")),
        **judgement(name, _feedback(item).get("value")),
    }


def _target(item: Value, run_id: str) -> Row:
    session = text(as_object(item.get("metadata")).get(SESSION))
    step_id = span_id(item.get("span_id"))
    if session is not None:
        return {"target_kind": "session", "target_id": session, "run_id": None}
    if step_id is not None:
        kind = {"target_kind": "step", "target_id": step_id, "step_id": step_id}
        return kind | {"run_id": run_id}
    return {"target_kind": "run", "target_id": run_id, "run_id": run_id}
