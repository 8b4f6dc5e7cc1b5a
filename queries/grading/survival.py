"""Kaplan-Meier: the share still waiting at a time, with open cases counted as censored."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from queries.grading.intervals import Z


def still_open(
    durations: NDArray[Any], ended: NDArray[Any], horizon: float
) -> tuple[float, float, float]:
    """Share not ended at the horizon, with the Greenwood 95 % interval.

    durations: time to the end or, where ended is false, time waited so far; any one unit.
    """
    share, variance = 1.0, 0.0
    for time in np.unique(durations[ended]):
        if time > horizon:
            break
        at_risk = int((durations >= time).sum())
        events = int(((durations == time) & ended).sum())
        share *= 1 - events / at_risk
        variance += events / (at_risk * (at_risk - events)) if at_risk > events else 0.0
    half = Z * share * math.sqrt(variance)
    return share, max(0.0, share - half), min(1.0, share + half)


def median_time(durations: NDArray[Any], ended: NDArray[Any]) -> float | None:
    """The first time at which half have ended (Kaplan-Meier); null where fewer than half have."""
    for time in np.unique(durations[ended]):
        if still_open(durations, ended, float(time))[0] <= 0.5 + 1e-12:
            return float(time)
    return None
