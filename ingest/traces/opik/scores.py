"""Feedback scores and comments of Opik; they stand inside the trace or span they judge.

The value beside several raters is their mean: each rater's own value is read instead. Scores of
spans are repeated on their trace, as `span_feedback_scores`, and read where the spans are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from ingest import hashes
from ingest.feedback.judgement import judgement, source_of
from ingest.fields.moments import first_moment
from ingest.fields.pages import parts
from ingest.fields.people import person_hash
from ingest.fields.scalars import number, text
from ingest.formats import Reject, Value

Row = dict[str, Any]

SOURCES = {"ui": "reviewer", "online_scoring": "evaluator", "sdk": "unknown"}


def feedback(value: Value, kind: str, run_id: str) -> Iterator[Row | Reject]:
    """A feedback row of each score and comment of a trace (`run`) or span (`step`).

    A score without a time of its own was given, as far as is known, when what it judges ended.
    """
    target: Row = {"target_kind": kind, "target_id": text(value.get("id")), "run_id": run_id}
    if kind == "step":
        target["step_id"] = target["target_id"]
    given = first_moment(value, "end_time", "start_time")
    for key, read in (("feedback_scores", _scores), ("comments", _comments)):
        for rows in parts(value.get(key), key, partial(_dated, target, given, read)):
            yield from [rows] if isinstance(rows, Reject) else rows


def _dated(
    target: Row, given: int | None, read: Callable[[Value], Iterator[Row]], found: Value
) -> list[Row]:
    return [_identified(target | row, given) for row in read(found)]


def _identified(row: Row, given: int | None) -> Row:
    row["created_at"] = row["created_at"] or given
    if row["created_at"] is None:
        raise ValueError("neither the score nor what it judges has a time.")
    who = [row["target_id"], row["name"], row.get("author_hash"), row.pop("comment_id", None)]
    return {"feedback_id": hashes.of_value(["opik", *who])} | row


def _scores(score: Value) -> Iterator[Row]:
    name = text(score.get("name"))
    if name is None:
        raise ValueError("the score has no name.")
    raters = score.get("value_by_author")
    if isinstance(raters, dict) and raters:
        for author, said in raters.items():
            if isinstance(said, dict):
                yield _score(name, {**score, **said, "created_by": author})
    else:
        yield _score(name, score)


def _score(name: str, score: Value) -> Row:
    stated = SOURCES.get((text(score.get("source")) or "").lower(), "unknown")
    is_queued = score.get("source_queue_id") and stated == "reviewer"
    return {
        "created_at": first_moment(score, "created_at", "last_updated_at"),
        "record_at": first_moment(score, "last_updated_at"),
        "source": "sampled_review" if is_queued else source_of(name, stated),
        "author_hash": person_hash(score.get("created_by")),
        "comment": text(score.get("reason")),
        **judgement(name, number(score.get("value")), text(score.get("category_name"))),
    }


def _comments(comment: Value) -> Iterator[Row]:
    words = text(comment.get("text"))
    if words is None:
        raise ValueError("the comment has no text.")
    yield {
        "created_at": first_moment(comment, "created_at"),
        "record_at": first_moment(comment, "last_updated_at"),
        "source": "reviewer",
        "author_hash": person_hash(comment.get("created_by")),
        "name": "comment",
        "comment": words,
        "comment_id": text(comment.get("id")) or words,
    }
