"""What the month will cost: weekday profile, t interval, wider where days are alike."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
PROFILE_DAYS = 14
BAND = 0.95
MOST_AUTOCORRELATION = 0.9


@dataclass(frozen=True)
class Projection:
    """Amounts in US dollars at the end of the month, and the days of history behind them.

    lo and hi are null with fewer than 14 days of history: then only a point is known.
    """

    spent: float
    centre: float
    lo: float | None
    hi: float | None
    history_days: int


def month_end(
    costs: dict[date, float],
    last_day: date,
    ends_on: date,
    *,
    keep: int = 28,
    starts_on: date = date.min,
) -> Projection:
    """Project daily costs of complete days up to last_day to the end of the month of ends_on.

    The last `keep` days since the first cost, none before starts_on, are the history; a day without
    a cost in it is zero.
    90 % interval, covering as simulated in scorecard_sim (89-91 % for independent days).
    """
    first = max(starts_on, min((day for day in costs if day <= last_day), default=last_day))
    length = min(keep, (last_day - first).days + 1) if costs else 0
    days = [last_day - timedelta(days=i) for i in range(length)][::-1]
    history = np.array([costs.get(day, 0.0) for day in days], dtype=float)
    month = ends_on.replace(day=1)
    spent = math.fsum(cost for day, cost in costs.items() if month <= day <= last_day)
    ahead = [last_day + timedelta(days=i + 1) for i in range(max(0, (ends_on - last_day).days))]
    left = np.array([day.weekday() for day in ahead], dtype=int)
    centre, half = remaining(history, np.array([day.weekday() for day in days], dtype=int), left)
    if half is None:
        return Projection(spent, spent + centre, None, None, length)
    low = max(spent, spent + centre - half)
    return Projection(spent, spent + centre, low, spent + centre + half, length)


def remaining(
    history: Floats, weekdays: NDArray[np.int_], left: NDArray[np.int_]
) -> tuple[float, float | None]:
    """Sum expected over the weekdays left, and the half width of its 90 % interval."""
    if not len(history) or not history.any():
        return 0.0, 0.0 if len(history) >= PROFILE_DAYS else None
    if len(history) < PROFILE_DAYS:
        return float(history.mean() * len(left)), None
    profile = np.array([history[weekdays == day].mean() for day in range(7)])
    profile /= profile.mean()
    worked = profile[weekdays] > 0
    level = history[worked] / profile[weekdays[worked]]
    mean = float(level.mean())
    free = len(level) - int((profile > 0).sum())
    weights = profile[left]
    if free < 1:
        return float(mean * weights.sum()), None
    deviation = math.sqrt(float(((level - mean) ** 2).sum()) / free)
    own = float((weights**2).sum()) + float(weights.sum()) ** 2 / len(level)
    half = t_quantile(BAND, free) * deviation * math.sqrt(inflation(level) * own)
    return float(mean * weights.sum()), half


def inflation(level: Floats) -> float:
    """Variance factor (1 + r) / (1 - r) of the lag-1 autocorrelation r, kept within 0 and 0.9."""
    before, after = level[:-1] - level[:-1].mean(), level[1:] - level[1:].mean()
    scale = math.sqrt(float((before**2).sum()) * float((after**2).sum()))
    r = float((before * after).sum()) / scale if scale > 0 else 0.0
    r = min(MOST_AUTOCORRELATION, max(0.0, r))
    return (1 + r) / (1 - r)


def t_quantile(p: float, free: int) -> float:
    """Quantile of Student's t with `free` degrees of freedom, 0.5 < p < 1, by halving."""
    scale = math.exp(math.lgamma((free + 1) / 2) - math.lgamma(free / 2))
    scale /= math.sqrt(free * math.pi)
    low, high = 0.0, 1.0
    while _mass(high, free, scale) < p - 0.5:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        if _mass(middle, free, scale) < p - 0.5:
            low = middle
        else:
            high = middle
    return high


def _mass(x: float, free: int, scale: float) -> float:
    """Probability between 0 and x, by Simpson's rule in the angle atan(t / sqrt(free))."""
    angle = np.linspace(0.0, math.atan(x / math.sqrt(free)), 513)
    height = scale * math.sqrt(free) * np.cos(angle) ** (free - 1)
    step = angle[1] - angle[0]
    odd, even = height[1:-1:2].sum(), height[2:-1:2].sum()
    return float(step / 3 * (height[0] + 4 * odd + 2 * even + height[-1]))
