"""How often a week of 200 segments cries wolf, and how many true drops it finds."""

from __future__ import annotations

import numpy as np

from queries.grading.comparison import benjamini_hochberg, detectable_drop, p_of_difference
from queries.movement import FALSE_SHARE, POWER

WEEKS, SEGMENTS, FELL, SUBJECTS = 300, 200, 5, 100
STEADY, LOW = 0.90, 0.70


def false_alarms_and_power() -> dict[str, float]:
    """Means over simulated weeks: 5 of 200 segments of n=100 fall from 90 to 70 %."""
    dice = np.random.default_rng(4)
    last_rate = np.where(np.arange(SEGMENTS) < FELL, LOW, STEADY)
    before = dice.binomial(SUBJECTS, STEADY, (WEEKS, SEGMENTS))
    last = dice.binomial(SUBJECTS, last_rate, (WEEKS, SEGMENTS))
    p = np.array(
        [
            [p_of_difference(k1, SUBJECTS, k0, SUBJECTS) for k0, k1 in zip(*week, strict=True)]
            for week in zip(before, last, strict=True)
        ]
    )
    kept = np.array([benjamini_hochberg(week, FALSE_SHARE) for week in p])
    drop = detectable_drop(STEADY, SUBJECTS, FALSE_SHARE / SEGMENTS, POWER)
    return {
        "false alarms a week, p below 0.05": float((p[:, FELL:] < 0.05).sum(axis=1).mean()),
        "false alarms a week, after FDR": float(kept[:, FELL:].sum(axis=1).mean()),
        "drops found, p below 0.05, %": 100 * float((p[:, :FELL] < 0.05).mean()),
        "drops found, after FDR, %": 100 * float(kept[:, :FELL].mean()),
        "drop a quiet week can hide, points": 100 * (drop or STEADY),
    }
