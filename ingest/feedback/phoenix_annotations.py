"""Annotations of Phoenix: pages of its REST API, and the client's dataframe.

An annotation is known by what it judges, its name and its identifier; writing it again replaces
it. A note is an annotation with nothing but an explanation. Scores have no scale: those from 0 to 1
are kept as scores, others as labels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from ingest import hashes
from ingest.feedback.judgement import author_hash, judgement, source_of
from ingest.fields.moments import moment
from ingest.fields.pages import EMPTY, excerpt, items
from ingest.fields.scalars import number, text
from ingest.formats import Ignored, Placed, Read, Reject, Sample, Value

Row = dict[str, Any]

SOURCES = {"HUMAN": "reviewer", "LLM": "evaluator", "CODE": "evaluator"}
TARGETS = {"span_id": "step", "trace_id": "run", "session_id": "session"}
NOTHING_SAID = "annotations without label, score or explanation"


def _is_rest(sample: Sample) -> bool:
    return sample.has("annotator_kind", "result", "identifier") and _names_a_target(sample)


def _is_frame(sample: Sample) -> bool:
    said = {"result.score", "result.label", "score", "label"}
    return sample.has("annotator_kind", "annotation_name") and not said.isdisjoint(sample.columns)


def _names_a_target(sample: Sample) -> bool:
    return not sample.columns.isdisjoint(TARGETS)


@dataclass
class Annotations:
    """The format of one export of annotations."""

    NAME: str
    OBTAIN: str
    fits: Callable[[Sample], bool]

    HOLDS: Literal["whole", "part"] = "part"
    RECORDS = "feedback"
    BASIS: Literal["files", "documentation"] = "files"

    def accepts(self, sample: Sample) -> bool:
        """Whether the values, or those of the page they are in, are such annotations."""
        return any(self.fits(page) for page in (sample, sample.under("data")))

    def read(self, values: Iterator[Value]) -> Iterator[Read]:
        """One feedback row an annotation."""
        for value in values:
            for place, found in items(value):
                if isinstance(found, Reject):
                    yield found
                else:
                    yield annotation(found, place) if found else Ignored(EMPTY)


def annotation(value: object, place: str, run_id: str | None = None) -> Read:
    """The feedback of an annotation; `run_id` is the trace it was found in, if it was in one."""
    try:
        row = _row(value, run_id)
    except ValueError as error:
        return Reject("shape", str(error), place, excerpt(value))
    said = (row.get(column) for column in ("label", "score", "comment"))
    return Placed({"feedback": [row]}, place) if any(s is not None for s in said) else SILENT


SILENT = Ignored(NOTHING_SAID)


def _row(value: object, run_id: str | None) -> Row:
    if not isinstance(value, dict):
        raise ValueError("an annotation is not an object.")
    kind, target = _target(value)
    name = text(value.get("name")) or text(value.get("annotation_name"))
    created = moment(value.get("created_at")) or moment(value.get("updated_at"))
    if name is None or created is None:
        raise ValueError(f"the annotation has no {'name' if name is None else 'created_at'}.")
    result = value.get("result")
    said = result if isinstance(result, dict) else _columns(value)
    author = SOURCES.get((text(value.get("annotator_kind")) or "").upper(), "unknown")
    identity = [kind, target, name, text(value.get("identifier")) or ""]
    return {
        "feedback_id": hashes.of_value(["phoenix", *identity]),
        "target_kind": kind,
        "target_id": target,
        "run_id": target if kind == "run" else run_id,
        "step_id": target if kind == "step" else None,
        "created_at": created,
        "record_at": moment(value.get("updated_at")),
        "source": source_of(name, author),
        "author_hash": author_hash(value.get("user_id")),
        "comment": text(said.get("explanation")),
        **judgement(name, number(said.get("score")), text(said.get("label"))),
    }


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
    Annotations(
        "phoenix.annotations",
        "Save the pages of GET /v1/projects/{project}/span_annotations (trace_annotations and"
        " session_annotations too).",
        _is_rest,
    ),
    Annotations(
        "phoenix.annotations.df",
        "`Client().spans.get_span_annotations_dataframe(…)`, then `.to_parquet(…)` or"
        " `.reset_index().to_csv(…)`.",
        _is_frame,
    ),
)
