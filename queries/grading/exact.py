"""Exact probabilities of small counts."""

from __future__ import annotations

import numpy as np


def at_most(k: int, n: int, p: float) -> float:
    """Probability of no more than k events in n, each with probability p."""
    if k >= n or p <= 0:
        return 1.0
    if p >= 1:
        return 0.0
    logs = np.concatenate(([0.0], np.cumsum(np.log(np.arange(1, n + 1)))))
    events = np.arange(k + 1)
    choose = logs[n] - logs[events] - logs[n - events]
    return min(1.0, float(np.exp(choose + events * np.log(p) + (n - events) * np.log1p(-p)).sum()))


def clopper_pearson(k: int, n: int) -> tuple[float, float]:
    """Exact 95 % interval of k in n, n > 0 (Clopper and Pearson 1934)."""
    low = 0.0 if k == 0 else _crossing(k - 1, n, 0.975)
    high = 1.0 if k == n else _crossing(k, n, 0.025)
    return low, high


def _crossing(k: int, n: int, level: float) -> float:
    """The probability of one event at which no more than k have the chance `level`, by halving."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        if at_most(k, n, middle) > level:
            low = middle
        else:
            high = middle
    return high
