"""A plain table of feedback: a column that says what is judged, and one that says how.

One format a scale of numbers, which the ratings of a file's first 200 rows tell: it ends at
the smallest of 1, 5, 10 and 100 that holds them all, and begins at 1 (of 5 or 10) where nothing
below 1 is seen, at -1 where -1 is, else at 0. Where 1 is the only number seen, it may be the best
or the worst: such a table is not guessed at but needs a mapping. Above the middle of a scale is
correct, below it incorrect, on it partial. The header of the author's column tells the source:
`user` is an end user, `reviewer` a reviewer.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from ingest import hashes
from ingest.feedback.verdicts import score_of, verdict_of
from ingest.formats import Read, Reject, Sample, Value

STEP = ("step_id", "span_id", "observation_id")
RUN = ("run_id", "trace_id")
SESSION = ("session_id", "conversation_id", "thread_id", "chat_id")
RATING = ("rating", "score", "thumbs", "thumb", "stars", "vote", "value")
VERDICT = ("verdict", "label", "is_correct", "correct")
COMMENT = ("comment", "comments", "feedback", "text", "note", "reason")
WEAK = frozenset({"value", "comments", "text", "note", "reason"})
TIME = ("created_at", "timestamp", "submitted_at", "time", "date")
AUTHOR = {
    "end_user": ("user", "user_id", "end_user", "customer"),
    "reviewer": ("reviewer", "annotator", "rater", "reviewed_by"),
}
SOURCES = frozenset({"end_user", "reviewer", "sampled_review", "downstream", "evaluator"})
SAME = ("feedback_id", "channel", "category", "severity", "correction", "is_blind", "is_double")
OF_RUNS = frozenset(
    {
        *("status", "outcome", "started_at", "start_time", "ended_at", "duration_ms"),
        *("kind", "run_type", "bookmarked", "input_tokens", "data_type", "string_value"),
        *("stringvalue", "datatype"),
    }
)
TOPS = (1.0, 5.0, 10.0, 100.0)
FROM_ONE = (5.0, 10.0)
PART: Literal["whole", "part"] = "part"
FILES: Literal["files", "documentation"] = "files"


class Scale(NamedTuple):
    """The worst and the best number of a file's ratings."""

    low: float
    high: float


@dataclass(frozen=True)
class FeedbackTable:
    """The format of a table whose ratings are on one scale; None stands for no known scale."""

    scale: Scale | None

    NAME = "feedback.table"
    HOLDS = PART
    RECORDS = "feedback"
    BASIS = FILES
    OBTAIN = (
        "Any table with trace_id, run_id, session_id or conversation_id; rating, score, thumbs,"
        " verdict or comment; and created_at."
    )

    def accepts(self, sample: Sample) -> bool:
        """Whether it is a table of opinions, and its ratings are on this scale."""
        if not _is_feedback(sample) or doubt(sample):
            return False
        return self.scale == scale_of(_ratings(sample))

    def read(self, values: Iterator[Value]) -> Iterator[Read]:
        """One feedback row per row of the table."""
        for value in values:
            yield _record(_cells(value), self.scale)


def _is_feedback(sample: Sample) -> bool:
    """A flat table with something judged and an opinion in a column named for it; not of runs."""
    names = {_plain(c) for c in sample.columns}
    judged = not names.isdisjoint((*STEP, *RUN, *SESSION))
    opinion = not names.isdisjoint({*RATING, *VERDICT, *COMMENT} - WEAK)
    flat = not any(isinstance(c, dict | list) for v in sample.values for c in v.values())
    return sample.container != "yaml" and judged and opinion and flat and not names & OF_RUNS


def doubt(sample: Sample) -> str:
    """Why a table of opinions cannot be read as it is, empty where it can: an untold scale."""
    if not _is_feedback(sample):
        return ""
    numbers = {n for r in _ratings(sample) if r is not None and (n := _number(r)) is not None}
    if not numbers or scale_of([str(n) for n in numbers]) is not None:
        return ""
    seen = ", ".join(f"{n:g}" for n in sorted(numbers)[:5])
    return f"its ratings ({seen}) do not tell which numbers are the worst and the best."


def _ratings(sample: Sample) -> list[str | None]:
    return [_found(_cells(v), RATING)[1] for v in sample.values]


def scale_of(ratings: list[str | None]) -> Scale | None:
    """The scale of the numbers among the ratings; None when they do not tell it."""
    numbers = {n for r in ratings if r is not None and (n := _number(r)) is not None}
    if not numbers or numbers == {1.0}:
        return None
    low, high = min(numbers), max(numbers)
    if low < 0:
        return Scale(-1.0, 1.0) if low >= -1 and high <= 1 else None
    top = next((t for t in TOPS if high <= t), None)
    if top is None:
        return None
    return Scale(1.0 if low >= 1 and top in FROM_ONE else 0.0, top)


def _record(row: dict[str, str], scale: Scale | None) -> Read:
    target = _target(row)
    if target is None:
        return Reject("no_target", "the row names no run, step or session.")
    (rating_name, rating), (verdict_name, verdict) = _found(row, RATING), _found(row, VERDICT)
    comment_name, comment = _found(row, COMMENT)
    if rating is verdict is comment is None:
        return Reject("no_opinion", "the row holds neither a rating nor a comment.")
    number = _number(rating) if rating else None
    if number is not None and scale and not scale.low <= number <= scale.high:
        seen = f"{scale.low:g} to {scale.high:g}"
        return Reject("bad_value", f"{rating} is outside the scale {seen} of the first 200 rows.")
    judged = _judged(verdict) if verdict else None
    score = _score(rating, scale) if rating else judged
    if score is None and comment and not (rating or verdict):
        score = score_of(comment)
    said = {
        "name": row.get("name") or rating_name or verdict_name or comment_name,
        "score": score,
        "label": verdict or (rating if rating and (number is None or score is None) else None),
        "verdict": verdict_of(score if judged is None else judged),
        "comment": comment,
    }
    return {"feedback": [target | _who(row) | said]}


def _judged(verdict: str) -> float | None:
    """A verdict in words, or as 1 and 0."""
    return {"1": 1.0, "0": 0.0}.get(verdict, score_of(verdict))


def _who(row: dict[str, str]) -> dict[str, Any]:
    """When, by whom, and the columns that have the name of a column of the feedback table."""
    source, author = "unknown", None
    for kind, names in AUTHOR.items():
        if author is None and (author := _found(row, names)[1]):
            source = kind
    stated = row.get("source", "").lower().replace(" ", "_")
    kept: dict[str, Any] = {name: row[name] for name in SAME if name in row}
    return kept | {
        "created_at": _found(row, TIME)[1],
        "source": stated if stated in SOURCES else source,
        "author_hash": hashes.sha256(author.encode("utf-8", "replace")) if author else None,
    }


def _target(row: dict[str, str]) -> dict[str, Any] | None:
    run, step = _found(row, RUN)[1], _found(row, STEP)[1]
    session = _found(row, SESSION)[1]
    kind = "step" if step else "run" if run else "session"
    target = step or run or session
    if target is None:
        return None
    return {"target_kind": kind, "target_id": target, "run_id": run, "step_id": step}


def _score(rating: str, scale: Scale | None) -> float | None:
    number = _number(rating)
    if number is None:
        return score_of(rating)
    return (number - scale.low) / (scale.high - scale.low) if scale else None


def _number(words: str) -> float | None:
    """A finite number; a decimal comma, as spreadsheets of many countries write it, is read too."""
    try:
        found = float(words.replace(",", ".") if words.count(",") == 1 else words)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def _found(row: dict[str, str], names: tuple[str, ...]) -> tuple[str | None, str | None]:
    """The first of the columns that holds something, and what."""
    return next(((n, row[n]) for n in names if n in row), (None, None))


def _cells(value: Value) -> dict[str, str]:
    """The cells that hold something, as text, under plain lower-case names."""
    return {_plain(k): t for k, v in value.items() if v is not None and (t := str(v).strip())}


def _plain(name: str) -> str:
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.strip())
    return re.sub(r"[\s-]+", "_", words).lower()


SCALES = (Scale(-1.0, 1.0), *(Scale(0.0, top) for top in TOPS), *(Scale(1.0, t) for t in FROM_ONE))
FORMATS = tuple(map(FeedbackTable, (None, *SCALES)))
