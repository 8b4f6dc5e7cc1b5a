"""Scores that stand beside what they judge: in a trace's own list, or as columns of an export."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ingest.feedback.langfuse_scores import score_row
from ingest.fields.names import snake
from ingest.formats import Placed, Read, Reject, Value
from ingest.traces.langfuse.records import decoded, moment, plain

Row = dict[str, Any]

LISTS = frozenset(
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
    """Feedback rows of the scores and corrections a trace lists; what is no score is a reject."""
    for key in ("scores", "corrections"):
        for number, score in enumerate(_list(record.get(key))):
            place = f"{key}[{number}]"
            if isinstance(score, str):
                continue
            row = score_row(score, place, run_id)
            try:
                if isinstance(row, dict) and moment(row, "created_at", "record_at") is None:
                    row = Reject("missing", "the score has no time.", place)
            except ValueError as error:
                row = Reject("bad_value", str(error), place)
            yield row


def _list(content: Any) -> list[Any]:
    return content if isinstance(content, list) else []


def column_scores(value: Value, target: Row) -> Iterator[Read]:
    """A record each of the scores in the columns named after them, which hold lists of values.

    `target` says what they judge. Their ids, authors and times are not exported: they are dated to
    what they judge.
    """
    record = plain(value)
    for name, content in value.items():
        found = _list(decoded(content))
        if snake(str(name)) in LISTS or not all(isinstance(v, str | int | float) for v in found):
            continue
        for said in found:
            judged = target | _said(said)
            judged["timestamp"] = moment(record, "end_time", "start_time", "timestamp")
            row = score_row({"name": name, **judged}, str(name))
            yield row if isinstance(row, Reject) else Placed({"feedback": [row]}, str(name))


def _said(value: Any) -> Row:
    if isinstance(value, str):
        kind = "BOOLEAN" if value.lower() in TRUTHS else "CATEGORICAL"
        return {"dataType": kind, "value": value, "stringValue": value}
    return {"dataType": "NUMERIC", "value": value}
