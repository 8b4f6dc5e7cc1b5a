"""What any judgement says, whatever its source calls it: score, label, verdict, source."""

from __future__ import annotations

from typing import Any

import orjson

from ingest.feedback.verdicts import score_of, verdict_of
from ingest.fields.scalars import number, text

Row = dict[str, Any]

JUDGING = frozenset({"success", "correctness", "outcome", "task_success"})
USER_NAMES = ("user_feedback", "user-feedback", "end_user")


def judgement(name: str, value: object, label: str | None = None) -> Row:
    """Name, score, label and verdict of a value of any JSON type.

    A number off the scale from 0 to 1 is kept as a label. Only what is named for success is a
    verdict: its score from the middle on, else its word.
    """
    row: Row = {"name": name, "label": label}
    counted = None if isinstance(value, str) else number(value)
    if isinstance(value, bool):
        row["score"] = float(value)
        row["label"] = label or str(value)
    elif counted is not None and 0 <= counted <= 1:
        row["score"] = counted
    elif value is not None:
        row["label"] = label or (f"{counted:g}" if counted is not None else _words(value))
    if name.lower() in JUDGING:
        row["verdict"] = _verdict(row.get("score"), row["label"])
    return row


def _words(value: object) -> str | None:
    return text(value) or orjson.dumps(value, default=str).decode()


def _verdict(score: float | None, label: str | None) -> str | None:
    if score is not None:
        return verdict_of(float(score >= 0.5))
    return None if label is None else verdict_of(score_of(label))


def source_of(name: str, stated: str) -> str:
    """The stated source, or the end user where a person or anybody judged under that name."""
    by_user = name.lower().replace(" ", "_").startswith(USER_NAMES)
    return "end_user" if by_user and stated in ("reviewer", "unknown") else stated
