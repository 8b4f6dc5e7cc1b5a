"""Kaplan-Meier: the share still waiting at a time, with open cases counted as censored."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from queries.grading.intervals import wilson


def still_open(
    durations: NDArray[Any], ended: NDArray[Any], horizon: float
) -> tuple[float, float, float]:
    """Share not ended at the horizon, with its 95 % interval.

    durations: time to the end or, where ended is false, time waited so far; any one unit. Wilson on
    the number of cases that would give Greenwood's variance (Rothman 1978): the plain Greenwood
    interval misses the truth too often where few cases are known.
    """
    share, variance = 1.0, 0.0
    for time in np.unique(durations[ended]):
        if time > horizon:
            break
        at_risk = int((durations >= time).sum())
        events = int(((durations == time) & ended).sum())
        share *= 1 - events / at_risk
        variance += events / (at_risk * (at_risk - events)) if at_risk > events else 0.0
    known = (1 - share) / (share * variance) if share and variance else float(len(durations))
    lo, hi = wilson(share * known, known)
    return share, min(lo, share), max(hi, share)


def median_time(durations: NDArray[Any], ended: NDArray[Any]) -> float | None:
    """The first time at which half have ended (Kaplan-Meier); null where fewer than half have."""
    for time in np.unique(durations[ended]):
        if still_open(durations, ended, float(time))[0] <= 0.5 + 1e-12:
            return float(time)
    return None
