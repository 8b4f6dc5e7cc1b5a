"""Annotations of Phoenix: pages of its REST API, and the client's dataframe.

An annotation is known by what it judges, its name and its identifier; writing it again replaces
it. A note is an annotation with nothing but an explanation. Scores have no scale: those from 0 to 1
are kept as scores, others as labels.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ingest import hashes
from ingest.feedback.judgement import judgement, source_of
from ingest.fields.moments import first_moment
from ingest.fields.pages import Pages
from ingest.fields.people import person_hash
from ingest.fields.scalars import first_text, number, text
from ingest.formats import Ignored, Placed, Read, Sample, Value

Row = dict[str, Any]

SOURCES = {"HUMAN": "reviewer", "LLM": "evaluator", "CODE": "evaluator"}
TARGETS = {"span_id": "step", "trace_id": "run", "session_id": "session"}
SILENT = Ignored("annotations without label, score or explanation")


def _is_rest(sample: Sample) -> bool:
    return sample.has("annotator_kind", "result", "identifier") and _names_a_target(sample)


def _is_frame(sample: Sample) -> bool:
    said = {"result.score", "result.label", "score", "label"}
    return sample.has("annotator_kind", "annotation_name") and not said.isdisjoint(sample.columns)


def _names_a_target(sample: Sample) -> bool:
    return not sample.columns.isdisjoint(TARGETS)


def annotation(value: Value, place: str) -> Iterator[Read]:
    """The feedback of an annotation; ValueError where it judges nothing or has no name or time."""
    kind, target = _target(value)
    name = first_text(value, "name", "annotation_name")
    created = first_moment(value, "created_at", "updated_at")
    if name is None or created is None:
        raise ValueError(f"the annotation has no {'name' if name is None else 'created_at'}.")
    result = value.get("result")
    said = result if isinstance(result, dict) else _columns(value)
    author = SOURCES.get((text(value.get("annotator_kind")) or "").upper(), "unknown")
    identity = [kind, target, name, text(value.get("identifier")) or ""]
    row = {
        "feedback_id": hashes.of_value(["phoenix", *identity]),
        "target_kind": kind,
        "target_id": target,
        "run_id": target if kind == "run" else None,
        "step_id": target if kind == "step" else None,
        "created_at": created,
        "record_at": first_moment(value, "updated_at"),
        "source": source_of(name, author),
        "author_hash": person_hash(value.get("user_id")),
        "comment": text(said.get("explanation")),
        **judgement(name, number(said.get("score")), text(said.get("label"))),
    }
    is_silent = all(row.get(column) is None for column in ("label", "score", "comment"))
    yield SILENT if is_silent else Placed({"feedback": [row]}, place)


def _columns(value: Value) -> Row:
    """What the columns of a dataframe say, in the names of a result."""
    return {
        part: value.get(f"result.{part}", value.get(part))
        for part in ("score", "label", "explanation")
    }


def _target(value: Value) -> tuple[str, str]:
    for column, kind in TARGETS.items():
        if (target := text(value.get(column))) is not None:
            return kind, target
    raise ValueError("the annotation names no span, trace or session.")


FORMATS = (
    Pages(
        "phoenix.annotations",
        "feedback",
        "Save the pages of GET /v1/projects/{project}/span_annotations (trace_annotations and"
        " session_annotations too).",
        _is_rest,
        annotation,
    ),
    Pages(
        "phoenix.annotations.df",
        "feedback",
        "`Client().spans.get_span_annotations_dataframe(…)`, then `.to_parquet(…)` or"
        " `.reset_index().to_csv(…)`.",
        _is_frame,
        annotation,
    ),
)
