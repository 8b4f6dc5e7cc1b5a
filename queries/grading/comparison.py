"""Two weeks compared: chance or not, which of many moves to keep, and mix against rate."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from queries.grading.intervals import DAYS_FOR_CLUSTERING, EVENTS_FOR_CLUSTERING

SMALLEST_EXPECTED = 5
TIES = 1 + 1e-7
Floats = NDArray[np.float64]
Counts = Sequence[float] | NDArray[Any]


class Terms(NamedTuple):
    """What each segment adds to the change of the whole, by its own rate and by its weight."""

    rate: Floats
    mix: Floats


def score_test(k1: float, n1: float, k2: float, n2: float) -> float:
    """Two-sided p that k1 of n1 and k2 of n2 are one share: pooled score test, without correction.

    Counts may be effective ones. 1 where all or none succeeded.
    """
    pooled = (k1 + k2) / (n1 + n2)
    variance = pooled * (1 - pooled) * (1 / n1 + 1 / n2)
    if variance <= 0:
        return 1.0
    return math.erfc(abs(k1 / n1 - k2 / n2) / math.sqrt(2 * variance))


def fisher_exact(k1: int, n1: int, k2: int, n2: int) -> float:
    """Two-sided p of Fisher's exact test: all tables at most as likely as the one seen."""
    k = k1 + k2
    support = range(max(0, k - n2), min(n1, k) + 1)
    logs = np.array([_log_choose(n1, x) + _log_choose(n2, k - x) for x in support])
    chances = np.exp(logs - _log_choose(n1 + n2, k))
    seen = chances[k1 - support.start]
    return min(1.0, float(chances[chances <= seen * TIES].sum()))


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def p_of_difference(k1: float, n1: float, k2: float, n2: float) -> float:
    """Score test, or Fisher's on the rounded counts where a count below 5 is to be expected."""
    k, n = k1 + k2, n1 + n2
    if min(n1, n2) * min(k, n - k) / n >= SMALLEST_EXPECTED:
        return score_test(k1, n1, k2, n2)
    return fisher_exact(round(k1), round(n1), round(k2), round(n2))


def benjamini_hochberg(p_values: Counts, q: float) -> NDArray[np.bool_]:
    """Which to keep so that about a share q of the kept ones are chance (1995); same order."""
    p = np.asarray(p_values, dtype=float)
    ordered = np.sort(p)
    passing = ordered[ordered <= q * np.arange(1, len(p) + 1) / max(len(p), 1)]
    return p <= (passing[-1] if len(passing) else -1.0)


def mix_and_rate(k0: Counts, n0: Counts, k1: Counts, n1: Counts) -> Terms:
    """The change of a total rate from k0/n0 to k1/n1, divided among its segments without a rest.

    Midpoint weights: rate = ½(w0+w1)(r1-r0) and mix = (½(r0+r1)-½(R0+R1))(w1-w0). A segment absent
    in one of the two has no change of rate: all of it is mix. Both totals must be above 0.
    """
    k0, n0, k1, n1 = (np.asarray(counts, dtype=float) for counts in (k0, n0, k1, n1))
    whole = (k0.sum() / n0.sum() + k1.sum() / n1.sum()) / 2
    w0, w1 = n0 / n0.sum(), n1 / n1.sum()
    either = (k0 + k1) / np.maximum(n0 + n1, 1)
    r0 = np.where(n0 > 0, k0 / np.maximum(n0, 1), either)
    r1 = np.where(n1 > 0, k1 / np.maximum(n1, 1), either)
    return Terms((w0 + w1) / 2 * (r1 - r0), ((r0 + r1) / 2 - whole) * (w1 - w0))


def surprise(before: Counts, after: Counts) -> float:
    """Jensen-Shannon divergence, 0..1 in bits, of how two totals spread over the same segments."""
    p: Floats = np.asarray(before, dtype=float)
    q: Floats = np.asarray(after, dtype=float)
    if not p.sum() or not q.sum():
        return 0.0
    p, q = p / p.sum(), q / q.sum()
    return (_bits(p, (p + q) / 2) + _bits(q, (p + q) / 2)) / 2


def _bits(part: Floats, whole: Floats) -> float:
    seen = part > 0
    return float((part[seen] * np.log2(part[seen] / whole[seen])).sum())


def day_effect(failures: Counts, subjects: Counts) -> float:
    """The design effect of `intervals.design_effect`, from failures and subjects of each day."""
    n: Floats = np.asarray(subjects, dtype=float)
    f: Floats = np.asarray(failures, dtype=float)[n > 0]
    n = n[n > 0]
    if f.sum() < EVENTS_FOR_CLUSTERING or len(n) < DAYS_FOR_CLUSTERING or f.sum() == n.sum():
        return 1.0
    p = float(f.sum() / n.sum())
    spread = float((n * (f / n - p) ** 2).sum())
    return max(1.0, spread / (p * (1 - p) * (len(n) - 1)))


def first_shifted(successes: Counts, subjects: Counts) -> int:
    """Index of the day that best starts the later part: largest chi-square of all splits."""
    k, n = np.cumsum(successes)[:-1], np.cumsum(subjects)[:-1]
    all_k, all_n = float(np.sum(successes)), float(np.sum(subjects))
    if not len(n):
        return 0
    return int(np.argmax((k * all_n - all_k * n) ** 2 / np.maximum(n * (all_n - n), 1e-9))) + 1


def detectable_drop(rate: float, n: float, alpha: float, power: float) -> float | None:
    """Smallest fall from a rate that two samples of n show with that power; None if not even to 0.

    Two-sided level alpha, normal approximation (Fleiss 1981), to a thousandth.
    """
    drops = np.linspace(0, rate, max(2, round(rate * 1000) + 1))
    later, middle = rate - drops, rate - drops / 2
    chance = NormalDist().inv_cdf(1 - alpha / 2) * np.sqrt(2 * middle * (1 - middle) / n)
    spread = np.sqrt((rate * (1 - rate) + later * (1 - later)) / n)
    shown = np.flatnonzero(drops >= chance + NormalDist().inv_cdf(power) * spread)
    shown = shown[drops[shown] > 0]
    return float(drops[shown[0]]) if len(shown) else None
