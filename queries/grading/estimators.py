"""Estimators by name: each turns the rows one check returned for one workflow into a grade."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from queries.grading.intervals import (
    Grade,
    Limits,
    against,
    design_effect,
    two_limit,
    wilson,
    zero_bound,
)
from queries.grading.projection import month_end
from queries.grading.survival import still_open

Columns = Mapping[str, NDArray[Any]]
Estimator = Callable[[Columns, Limits], Grade]


def share(rows: Columns, limits: Limits) -> Grade:
    """Failed subjects in all: `failed`, `observed_on`, and `alarm` where one event is red at any n.

    Wilson interval on n over the design effect of days. Where high is good the value is the share
    that did not fail.
    """
    failed = rows["failed"].astype(bool)
    n, k = len(failed), int(failed.sum())
    n_eff = n / design_effect(failed, rows["observed_on"])
    value = k / n
    lo, hi = wilson(value * n_eff, n_eff)
    if limits.good_is_high:
        k, value, lo, hi = n - k, 1 - value, 1 - hi, 1 - lo
    alarmed = "alarm" in rows and bool(rows["alarm"].astype(bool).any())
    state = "red" if alarmed else two_limit(value, lo, hi, n, limits)
    return Grade(k, n, n_eff, value, lo, hi, state)


def zero(rows: Columns, limits: Limits) -> Grade:
    """Events of which one is too many: `failed`. Green needs n_min exposed subjects."""
    n, k = len(rows["failed"]), int(rows["failed"].astype(bool).sum())
    if k:
        return Grade(k, n, n, k / n, *wilson(k, n), "red")
    state = "green" if n >= limits.n_min else "insufficient"
    return Grade(0, n, n, 0.0, 0.0, zero_bound(n), state)


def census(rows: Columns, limits: Limits) -> Grade:
    """Items counted completely: `filled` 0..1, `counted` the item's weight, `failed`.

    An item of weight 0 that failed changes no value, but keeps the state from green.
    """
    total = float(rows["counted"].sum())
    filled = float((rows["filled"] * rows["counted"]).sum())
    value = filled / total
    state = against(round(value, 12), limits)
    held = state == "green" and bool(rows["failed"].astype(bool).any())
    return Grade(filled, total, None, value, None, None, "amber" if held else state)


def count(rows: Columns, limits: Limits) -> Grade:
    """Rows counted against limits: `counted` says which count, `failed` leaves out of k."""
    counted = rows["counted"].astype(bool)
    n = int(counted.sum())
    k = int((counted & ~rows["failed"].astype(bool)).sum())
    return Grade(k, n, None, float(n), None, None, against(n, limits))


def age(rows: Columns, limits: Limits) -> Grade:
    """The oldest of several dated duties: `amount` in days, not a number where it never was."""
    amounts = rows["amount"].astype(float)
    never = bool(np.isnan(amounts).any())
    value = None if never else float(amounts.max())
    state = "red" if value is None else against(value, limits)
    return Grade(int((~np.isnan(amounts)).sum()), len(amounts), None, value, None, None, state)


def survival(rows: Columns, limits: Limits) -> Grade:
    """Share still open at the agreed time: `amount` and `horizon` in one unit, `ended` boolean."""
    ended = rows["ended"].astype(bool)
    horizon = float(rows["horizon"][0])
    value, lo, hi = still_open(rows["amount"].astype(float), ended, horizon)
    n = len(ended)
    return Grade(int((~ended).sum()), n, n, value, lo, hi, two_limit(value, lo, hi, n, limits))


def projection(rows: Columns, limits: Limits) -> Grade:
    """Month-end spend as a share of `budget`: `observed_on`, `amount`, `last_day`, `ends_on`.

    Green when even the upper end of the 90 % interval fits, red when the centre does not; only a
    point, without a colour, below n_min days of history. k is the amount spent this month.
    """
    days = [_day(value) for value in rows["observed_on"]]
    costs = dict(zip(days, rows["amount"].astype(float).tolist(), strict=True))
    budget = float(rows["budget"][0])
    found = month_end(costs, _day(rows["last_day"][0]), _day(rows["ends_on"][0]))
    value = found.centre / budget
    if found.lo is None or found.hi is None or found.history_days < limits.n_min:
        return Grade(found.spent, found.history_days, None, value, None, None, "insufficient")
    state = "green" if found.hi / budget <= limits.amber else "amber"
    state = "red" if value > limits.red else state
    interval = (found.lo / budget, found.hi / budget)
    return Grade(found.spent, found.history_days, None, value, *interval, state)


def _day(value: Any) -> date:
    return date.fromisoformat(str(value)[:10])


ESTIMATORS: dict[str, Estimator] = {
    "share": share,
    "zero": zero,
    "census": census,
    "count": count,
    "age": age,
    "survival": survival,
    "projection": projection,
}
