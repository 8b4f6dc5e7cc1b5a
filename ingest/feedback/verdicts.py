"""The words people judge with, as a score from 0 to 1, and the verdict a score stands for."""

from __future__ import annotations

GOOD = frozenset(
    [
        "correct",
        "success",
        "successful",
        "pass",
        "passed",
        "good",
        "yes",
        "true",
        "up",
        "positive",
        "like",
        "liked",
        "helpful",
        "thumbs_up",
        "thumbsup",
        "+",
        "👍",
        "✅",
    ]
)
BAD = frozenset(
    [
        "incorrect",
        "failure",
        "failed",
        "fail",
        "wrong",
        "bad",
        "no",
        "false",
        "down",
        "negative",
        "dislike",
        "disliked",
        "unhelpful",
        "thumbs_down",
        "thumbsdown",
        "not_helpful",
        "not_correct",
        "-",
        "👎",
        "❌",
    ]
)
HALF = frozenset(
    ["partial", "partially", "partly", "partially_correct", "partly_correct", "neutral"]
)
SKIN_TONES = dict.fromkeys(range(0x1F3FB, 0x1F400))


def score_of(words: str) -> float | None:
    """1 for a good word, 0 for a bad one, 0.5 for one between; None for any other word."""
    word = words.translate(SKIN_TONES).strip().lower().replace(" ", "_").replace("-", "_")
    word = word.strip("_\ufe0f") or words.strip()
    return 1.0 if word in GOOD else 0.0 if word in BAD else 0.5 if word in HALF else None


def verdict_of(score: float | None) -> str | None:
    """Correct above the middle, incorrect below, partial exactly on it."""
    if score is None:
        return None
    return "correct" if score > 0.5 else "incorrect" if score < 0.5 else "partial"
