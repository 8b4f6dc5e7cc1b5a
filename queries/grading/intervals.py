"""Intervals for shares, the two-limit rule, and how many clean subjects a green needs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Z = 1.959963984540054
COLOURS = ("green", "amber", "red")
EVENTS_FOR_CLUSTERING = 5
DAYS_FOR_CLUSTERING = 4


@dataclass(frozen=True)
class Limits:
    """Amber and red limit of a value, the rows needed, and whether high values are good."""

    amber: float
    red: float
    n_min: float = 0
    good_is_high: bool = False


@dataclass(frozen=True)
class Grade:
    """What an estimator found: events k of n, effective n, value with interval, state."""

    k: float | None
    n: float | None
    n_eff: float | None
    value: float | None
    lo: float | None
    hi: float | None
    state: str


def wilson(k: float, n: float, z: float = Z) -> tuple[float, float]:
    """Wilson score interval of k in n, n > 0 and possibly effective (Brown, Cai, DasGupta 2001)."""
    p = k / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, centre - half), min(1.0, centre + half)


def newcombe(k1: float, n1: float, k2: float, n2: float) -> tuple[float, float]:
    """Interval of the difference k1/n1 - k2/n2 of two independent shares (Newcombe 1998)."""
    p1, p2 = k1 / n1, k2 / n2
    (l1, u1), (l2, u2) = wilson(k1, n1), wilson(k2, n2)
    low = p1 - p2 - math.hypot(p1 - l1, u2 - p2)
    return low, p1 - p2 + math.hypot(u1 - p1, p2 - l2)


def clean_needed(red: float) -> int:
    """Subjects without one event before a share can be green under a red limit."""
    return math.ceil(round(Z * Z * (1 - red) / red, 9))


def zero_bound(n: float) -> float:
    """Upper one-sided 95 % bound of a rate after n subjects without an event."""
    return 1 - math.pow(0.05, 1 / n)


def design_effect(failed: NDArray[Any], days: NDArray[Any]) -> float:
    """How much wider clumped days make an interval; 1 for few events or few days.

    failed is boolean, days any labels, both one a subject. Variance of the day shares over what
    independence would give, never below 1.
    """
    labels, index = np.unique(days, return_inverse=True)
    n, k = len(failed), int(failed.sum())
    if k < EVENTS_FOR_CLUSTERING or len(labels) < DAYS_FOR_CLUSTERING or k == n:
        return 1.0
    p = k / n
    size = np.bincount(index)
    share = np.bincount(index, weights=failed) / size
    spread = float((size * (share - p) ** 2).sum())
    return max(1.0, spread / (p * (1 - p) * (len(labels) - 1)))


def two_limit(value: float, lo: float, hi: float, n: float, limits: Limits) -> str:
    """Red only when shown bad, green only when shown good, else amber; insufficient below n_min."""
    if n < limits.n_min:
        return "insufficient"
    amber, red = limits.amber, limits.red
    if limits.good_is_high:
        value, lo, hi, amber, red = 1 - value, 1 - hi, 1 - lo, 1 - amber, 1 - red
    margin = 1e-12
    if value > red + margin and lo > amber:
        return "red"
    if value <= amber + margin and hi <= red:
        return "green"
    return "amber"


def against(value: float, limits: Limits) -> str:
    """The colour of a value that was counted completely and so has no interval."""
    sign = -1 if limits.good_is_high else 1
    if sign * value <= sign * limits.amber:
        return "green"
    return "amber" if sign * value <= sign * limits.red else "red"
