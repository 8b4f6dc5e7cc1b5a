"""Two ways of doing the same work: which succeeds more often, and at what cost a success."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from queries.grading.intervals import Grade, Limits, design_effect, newcombe

MANY = 100


class Arm(NamedTuple):
    """Runs of one arm, their effective number, share of successes, and cost of a success."""

    n: int
    n_eff: float
    success: float
    usd_per_success: float


def two_arm(rows: Mapping[str, NDArray[Any]], limits: Limits) -> Grade:
    """Success of arm `multi` less that of arm `single`: `arm`, `failed`, `amount` (US dollars, not
    a number where unknown), `observed_on`; a row that is not `counted` only stands by.

    Newcombe interval, each arm with its design effect of days. Green when shown better, or not
    worse than by the amber limit at no higher cost a success; red when shown worse, or when nothing
    is gained at the red limit times the cost over 100 runs an arm. k is that ratio of costs, n the
    runs of the smaller arm.
    """
    counted = rows["counted"].astype(bool) if "counted" in rows else np.ones(len(rows["arm"]), bool)
    arms = [_arm(rows, counted & (rows["arm"] == name)) for name in ("multi", "single")]
    n = min(arm.n for arm in arms)
    if not n:
        return Grade(None, 0, None, None, None, None, "insufficient")
    many, one = arms
    value = many.success - one.success
    lo, hi = newcombe(many.success * many.n_eff, many.n_eff, one.success * one.n_eff, one.n_eff)
    cost = _times(many.usd_per_success, one.usd_per_success)
    state = verdict(lo, hi, cost, n, limits) if n >= limits.n_min else "insufficient"
    ratio = cost if math.isfinite(cost) else None
    return Grade(ratio, n, min(many.n_eff, one.n_eff), value, lo, hi, state)


def verdict(lo: float, hi: float, cost: float, n: int, limits: Limits) -> str:
    """Colour of a gain between lo and hi that costs so many times as much a success."""
    if lo > 0 or (lo > -limits.amber and cost <= 1):
        return "green"
    is_in_vain = n >= MANY and cost >= limits.red * (1 - 1e-9)
    return "red" if hi < 0 or is_in_vain else "amber"


def _arm(rows: Mapping[str, NDArray[Any]], own: NDArray[np.bool_]) -> Arm:
    failed = rows["failed"][own].astype(bool)
    if not len(failed):
        return Arm(0, 0.0, 0.0, math.nan)
    success = 1 - float(failed.mean())
    known = np.sort(rows["amount"][own].astype(float))
    known = known[~np.isnan(known)]
    mean = float(known.mean()) if len(known) else math.nan
    n_eff = len(failed) / design_effect(failed, rows["observed_on"][own])
    return Arm(len(failed), n_eff, success, mean / success if success else math.inf)


def _times(many: float, one: float) -> float:
    """How many times as much a success costs; not a number where one side is unknown or free."""
    return many / one if one > 0 and not (math.isinf(many) and math.isinf(one)) else math.nan
