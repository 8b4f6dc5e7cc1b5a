"""Langfuse scores: table export, blob storage export, and the score pages of its API v1 to v3.

Names come as camelCase or snake_case, values as text or typed; `_snake` evens that out. A time
without a zone is UTC. Scores also stand inside traces: `score_row` reads any of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Literal

from ingest import casts
from ingest.feedback.judgement import JUDGING, source_of
from ingest.feedback.verdicts import score_of, verdict_of
from ingest.fields.names import snake
from ingest.fields.objects import mapping
from ingest.fields.pages import each
from ingest.fields.people import person_hash
from ingest.fields.rejects import excerpt, no_object
from ingest.fields.scalars import first_text
from ingest.formats import Placed, Read, Reject, Sample, Value

NAME = "langfuse.scores"
HOLDS: Literal["whole", "part"] = "part"
RECORDS = "feedback"
BASIS: Literal["files", "documentation"] = "files"
OBTAIN = (
    "Langfuse: Scores, Export (CSV, JSON or JSON lines); or the scores folder of a blob storage"
    " export; or save GET /api/public/v3/scores (v2 and v1 too)."
)

BLOB = ("id", "name", "source", "data_type", "string_value", "value", "trace_id", "timestamp")
SHAPES = (
    BLOB,
    ("id", "name", "dataType", "source", "stringValue", "authorUserName"),
    ("id", "name", "dataType", "source", "traceId", "createdAt", "authorUserId"),
    ("id", "name", "dataType", "source", "value", "createdAt", "projectId"),
    ("id", "name", "dataType", "source", "value", "subject"),
)
SOURCES = {"ANNOTATION": "reviewer", "EVAL": "evaluator", "API": "unknown"}
STATED = frozenset({"end_user", "reviewer", "sampled_review", "downstream", "evaluator"})
SUBJECTS = {"trace": "run", "observation": "step", "session": "session"}
NO_ZONE = re.compile(r"[\d-]+[ T][\d:.]+")


def accepts(sample: Sample) -> bool:
    """Any of the five shapes, at the top or under `data`."""
    pages = (sample, sample.under("data"))
    return any(page.has(*shape) for page in pages for shape in SHAPES)


def read(values: Iterator[Value]) -> Iterator[Read]:
    """One feedback row per score."""
    return each(values, _records, "data")


def _records(value: Value, place: str) -> Iterator[Read]:
    row = score_row(value, place)
    yield row if isinstance(row, Reject) else Placed({"feedback": [row]}, place)


def score_row(value: Any, place: str, run_id: str | None = None) -> dict[str, Any] | Reject:
    """The feedback row of a score; one that names nothing judges the run it was found in."""
    if not isinstance(value, dict):
        return no_object("a score", value, place)
    score = _snake(value)
    target = _target(score) or (_pointed("run", run_id, run_id) if run_id else None)
    if target is None:
        reason = "the score names no trace, observation, session or dataset run."
        return Reject("no_target", reason, place, excerpt(value))
    try:
        said = _said(score)
    except (TypeError, ValueError, OverflowError):
        reason = f"the value of a {score.get('data_type')} score is not a number."
        return Reject("bad_value", reason, place, excerpt(score.get("value")))
    return _who(score) | target | said


def _snake(value: Value) -> dict[str, Any]:
    """The score under snake_case names, empty text as None, metadata as a dict."""
    found = {snake(str(k)): None if v == "" else v for k, v in value.items()}
    return found | {name: mapping(found.get(name)) for name in ("metadata", "subject")}


def _target(score: dict[str, Any]) -> dict[str, Any] | None:
    """What is judged; an observation is a step of its trace."""
    subject = score["subject"]
    if subject.get("id"):
        kind = SUBJECTS.get(str(subject.get("kind")), "other")
        run = subject["id"] if kind == "run" else subject.get("traceId", subject.get("trace_id"))
        return _pointed(kind, subject["id"], run)
    run = score.get("trace_id")
    for kind, name in (
        ("step", "observation_id"),
        ("run", "trace_id"),
        ("session", "session_id"),
        ("other", "dataset_run_id"),
    ):
        if score.get(name):
            return _pointed(kind, score[name], run)
    return None


def _pointed(kind: str, target: Any, run: Any) -> dict[str, Any]:
    step = target if kind == "step" else None
    return {"target_kind": kind, "target_id": target, "run_id": run, "step_id": step}


def _who(score: dict[str, Any]) -> dict[str, Any]:
    """Identity, time and author. Scores given through a review queue are a sampled review."""
    metadata = score["metadata"]
    return {
        "feedback_id": score.get("id"),
        "created_at": _utc(score.get("timestamp") or score.get("created_at")),
        "record_at": _utc(score.get("updated_at")),
        "name": score.get("name"),
        "source": _source(score),
        "author_hash": person_hash(first_text(score, "author_user_id", "author_user_name")),
        "channel": metadata.get("channel") if isinstance(metadata.get("channel"), str) else None,
    }


def _utc(stated: Any) -> Any:
    """The time with its zone."""
    if isinstance(stated, datetime) and stated.tzinfo is None:
        return stated.replace(tzinfo=UTC)
    if isinstance(stated, str) and NO_ZONE.fullmatch(stated.strip()):
        return f"{stated.strip()}+00:00"
    return stated


def _source(score: dict[str, Any]) -> str:
    """The source the metadata state, else by kind; through the API anybody may have written."""
    stated = score["metadata"].get("source")
    if isinstance(stated, str) and stated in STATED:
        return stated
    source = SOURCES.get(str(score.get("source")).upper(), "unknown")
    if source == "reviewer" and score.get("queue_id"):
        return "sampled_review"
    return source_of(str(score.get("name")), source) if source == "unknown" else source


def _said(score: dict[str, Any]) -> dict[str, Any]:
    """Score, label, comment and correction by data type; ValueError for a value of another type.

    The number beside a category or a text is filled in by Langfuse (often 0) and says nothing.
    """
    value, kind = score.get("value"), str(score.get("data_type")).upper()
    words = score.get("string_value") or score.get("long_string_value")
    if words is None and isinstance(value, str):
        words = value
    comment = score.get("comment")
    if kind == "CORRECTION":
        return {"correction": words, "comment": comment}
    if kind == "TEXT":
        texts = [str(t) for t in (words, comment) if t is not None]
        return {"comment": "\n".join(texts) or None}
    if kind == "CATEGORICAL":
        found = score_of(str(words)) if words is not None else None
        return {"label": words, "comment": comment, "verdict": _verdict(score, found)}
    if kind == "BOOLEAN":
        number = _number({"true": 1, "false": 0}.get(str(value).lower(), value))
        label = None if number is None else str(number >= 0.5)
    else:
        number, label = _number(value), None
    verdict = None if number is None else float(number >= 0.5)
    said = {"score": number, "label": label, "comment": comment}
    return said | {"verdict": _verdict(score, verdict)}


def _number(value: Any) -> float | None:
    return None if value is None else casts.number(value)


def _verdict(score: dict[str, Any], found: float | None) -> str | None:
    """Only a score that is named for success is a verdict."""
    return verdict_of(found) if str(score.get("name")).lower() in JUDGING else None
