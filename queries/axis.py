"""On which scale the value of a check stands, for whoever draws it."""

from __future__ import annotations

from typing import NamedTuple

from queries.rules import Check

PLAIN = ("age", "count", "trend", "recurrence", "burn", "shortfall")
ELSEWHERE = ("two_arm", "silence", "shortfall", "trend")
EITHER_WAY = ("gap",)


class Axis(NamedTuple):
    """Whether the value is a share; whether its limits stand on the same scale, and on both sides
    of zero."""

    percent: bool
    has_limits: bool
    both_ways: bool


def axis(check: Check) -> Axis:
    """The scale of a check, from its estimator."""
    kind = check.estimator
    return Axis(kind not in PLAIN, kind not in ELSEWHERE, kind in EITHER_WAY)
