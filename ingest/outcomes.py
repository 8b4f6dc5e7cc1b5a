"""Which opinion on a run's outcome wins."""

from __future__ import annotations

from typing import Any

import orjson

Row = dict[str, Any]

PRECEDENCE = ("label", "downstream", "reviewer", "evaluator", "feedback")
SCORE_NAMES = frozenset({"success", "correctness", "outcome", "task_success"})
SUCCESS_AT = 0.5
VOTE_OF_SOURCE = {
    "reviewer": "reviewer",
    "sampled_review": "reviewer",
    "downstream": "downstream",
    "evaluator": "evaluator",
    "end_user": "feedback",
    "unknown": "feedback",
}
OUTCOME_OF_VERDICT = {"correct": "success", "partial": "partial", "incorrect": "failure"}


def winner(votes: list[Row]) -> Row | None:
    """The vote that decides: by source, then the newest, then the greatest source_id."""
    if not votes:
        return None
    return max(
        votes,
        key=lambda v: (
            -PRECEDENCE.index(v["source"]),
            v["voted_at"] or 0,
            v["source_id"],
            v["vote_id"],
        ),
    )


def vote_of_feedback(row: Row, declared: str | None) -> Row | None:
    """The vote a feedback record casts, or None when it is no opinion on the outcome.

    A score votes when the declaration names it (`outcome: {score, success_at}`) or its name is one
    of success, correctness, outcome, task_success; a person's review votes by its verdict.
    """
    rule = orjson.loads(declared) if declared else {}
    named = rule.get("score")
    counts = row["name"] == named if named else row["name"].lower() in SCORE_NAMES
    outcome = None
    if counts and row["score"] is not None:
        limit = rule.get("success_at", SUCCESS_AT)
        outcome = "success" if row["score"] >= limit else "failure"
    elif row["verdict"] and (counts or row["source"] in ("reviewer", "sampled_review")):
        outcome = OUTCOME_OF_VERDICT[row["verdict"]]
    if outcome is None:
        return None
    return {
        "vote_id": f"feedback:{row['feedback_id']}",
        "run_id": row["run_id"],
        "source": VOTE_OF_SOURCE[row["source"]],
        "outcome": outcome,
        "score": row["score"],
        "name": row["name"],
        "voted_at": row["created_at"],
        "source_id": row["source_id"],
    }
