"""Scores that stand beside what they judge: in a trace's own list, or as columns of an export."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ingest.feedback.langfuse_scores import score_row
from ingest.fields.moments import first_moment
from ingest.fields.names import snake
from ingest.fields.objects import decoded
from ingest.formats import Placed, Read, Reject, Value

Row = dict[str, Any]

NO_SCORES = frozenset(
    {
        "tags",
        "trace_tags",
        "comments",
        "observations",
        "scores",
        "tool_calls",
        "tool_call_names",
        "input",
        "output",
        "metadata",
    }
)
TRUTHS = ("true", "false")


def listed_scores(record: Row, run_id: str) -> Iterator[Row | Reject]:
    """Feedback rows of the scores and corrections a trace lists; what is no score is a reject.

    A list of traces names its scores by their ids only: those are passed over.
    """
    for key in ("scores", "corrections"):
        found = record.get(key)
        for number, score in enumerate(found if isinstance(found, list) else ()):
            if not isinstance(score, str):
                yield _dated(score_row(score, f"{key}[{number}]", run_id), f"{key}[{number}]")


def _dated(row: Row | Reject, place: str) -> Row | Reject:
    if isinstance(row, Reject):
        return row
    try:
        known = first_moment(row, "created_at", "record_at") is not None
    except ValueError as error:
        return Reject("bad_value", str(error), place)
    return row if known else Reject("missing", "the score has no time.", place)


def column_scores(value: Value, target: Row, given: int | None) -> Iterator[Read]:
    """A record each of the scores in the columns named after them, which hold lists of values.

    `target` says what they judge. Their ids, authors and times are not exported: `given` is the
    time of what they judge.
    """
    for name, content in value.items():
        found = None if snake(str(name)) in NO_SCORES else decoded(content)
        if not isinstance(found, list) or not all(isinstance(v, str | int | float) for v in found):
            continue
        for said in found:
            score = {"name": name, "timestamp": given, **target, **_said(said)}
            row = score_row(score, str(name))
            yield row if isinstance(row, Reject) else Placed({"feedback": [row]}, str(name))


def _said(value: Any) -> Row:
    if isinstance(value, str):
        kind = "BOOLEAN" if value.lower() in TRUTHS else "CATEGORICAL"
        return {"dataType": kind, "value": value, "stringValue": value}
    return {"dataType": "NUMERIC", "value": value}
