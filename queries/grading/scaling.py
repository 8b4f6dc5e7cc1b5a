"""What the work costs at the volume it is meant for, and whether cost grows faster than volume."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from queries.grading.intervals import Grade, Limits
from queries.grading.projection import t_quantile
from queries.grading.ratio import Floats, studentised

Columns = Mapping[str, NDArray[Any]]
STRESS = 10
GROWTH_DAYS, GROWTH_SPAN, SUPERLINEAR = 14, 3, 1.1


def scaled(rows: Columns, limits: Limits) -> Grade:
    """Monthly cost at target `volume` over the monthly `budget`: volume x (cost + review) + fixed.

    `amount`: US dollars of each run, not a number on rows that are no run; `review_usd` a run and
    `fixed_usd` a month. The interval is that of the mean cost, studentised. Green when its upper
    end fits with ten times the fixed cost, red when the centre does not fit with one; amber
    between, and where cost is shown to grow faster than volume.
    """
    runs = ~np.isnan(rows["amount"].astype(float))
    amounts, days = rows["amount"][runs].astype(float), rows["observed_on"][runs]
    weights = rows["sample_weight"][runs] if "sample_weight" in rows else np.ones(len(amounts))
    n = len(amounts)
    if n < max(2, limits.n_min):
        return Grade(None, n, None, None, None, None, "insufficient")
    volume, review, fixed, budget = (
        float(rows[name][0]) for name in ("volume", "review_usd", "fixed_usd", "budget")
    )
    mean = math.fsum(amounts * weights) / math.fsum(weights)
    ends = (mean, *studentised(amounts * weights, weights))
    value, lo, hi = ((volume * (cost + review) + fixed) / budget for cost in ends)
    fits = hi + (STRESS - 1) * fixed / budget <= limits.amber
    state = "green" if fits and not is_superlinear(days, amounts) else "amber"
    return Grade(value * budget, n, None, value, lo, hi, "red" if value > limits.red else state)


class Growth(NamedTuple):
    """How cost a day grows with runs a day: the exponent with the ends of 95 %, 1 where cost
    follows volume; null where `silence` says why. Days, and the most runs over the fewest."""

    exponent: float | None
    lo: float | None
    hi: float | None
    days: int
    span: float
    silence: str = ""

    def at(self, volume: float, present: float) -> float:
        """What a run costs at a volume over what it costs at the present one: 1 unless cost is
        shown to grow faster than volume."""
        if self.exponent is None or self.lo is None or self.lo <= 1 or min(volume, present) <= 0:
            return 1.0
        return float((volume / present) ** (self.exponent - 1))


def growth(runs: Floats, costs: Floats) -> Growth:
    """Growth of daily costs with daily runs, days without a cost apart.

    Told from 14 days on whose numbers of runs differ by a factor of three.
    """
    runs, costs = runs[costs > 0], costs[costs > 0]
    days, span = len(runs), float(runs.max() / runs.min()) if len(runs) else 1.0
    if days < GROWTH_DAYS:
        silence = f"{days} days with a cost; {GROWTH_DAYS} are needed."
        return Growth(None, None, None, days, span, silence)
    if span < GROWTH_SPAN:
        silence = f"The busiest day has {span:.1f} times the runs of the quietest; "
        silence += f"{GROWTH_SPAN} are needed."
        return Growth(None, None, None, days, span, silence)
    slope, low = exponent(runs, costs)
    return Growth(slope, low, 2 * slope - low, days, span)


def is_superlinear(days: NDArray[Any], amounts: Floats) -> bool:
    """Whether cost a day grows faster than runs a day: exponent above 1.1 and shown above 1."""
    _, index = np.unique(days, return_inverse=True)
    runs, costs = (
        np.bincount(index).astype(float),
        np.bincount(index, weights=amounts).astype(float),
    )
    found = growth(runs, costs)
    return (found.exponent or 0) > SUPERLINEAR and (found.lo or 0) > 1


def exponent(runs: Floats, costs: Floats) -> tuple[float, float]:
    """Slope of ln(costs) on ln(runs), both above 0, and the lower end of its 95 % interval.

    1 where cost follows volume. At least three points; ordinary least squares.
    """
    x, y = np.log(runs), np.log(costs)
    spread = x - x.mean()
    squares = float((spread**2).sum())
    slope = float((spread * y).sum()) / squares
    rest = float(((y - y.mean() - slope * spread) ** 2).sum())
    error = math.sqrt(rest / (len(x) - 2) / squares)
    return slope, slope - t_quantile(0.975, len(x) - 2) * error
