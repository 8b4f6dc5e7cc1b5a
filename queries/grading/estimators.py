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
from queries.grading.labels import recurrence, silence, trend
from queries.grading.money import burn, gap, per_success, runaway, wasted
from queries.grading.peak import peak
from queries.grading.projection import month_end
from queries.grading.ratio import ratio, ratio_by_day
from queries.grading.recording import matched, weakest
from queries.grading.repetition import repeatable
from queries.grading.scaling import scaled
from queries.grading.shortfall import shortfall
from queries.grading.species import species
from queries.grading.survival import still_open
from queries.grading.two_arm import two_arm

Columns = Mapping[str, NDArray[Any]]
Estimator = Callable[[Columns, Limits], Grade]


def share(rows: Columns, limits: Limits) -> Grade:
    """Failed subjects in all: `failed`, `observed_on`, and `alarm` where one event is red at any n.

    One `held` keeps the state from green, whatever the share. Wilson interval on n over the design
    effect of days, or of `cluster` where something else clumps. `sample_weight` is how many
    subjects each stands for: then value and effective n are weighted, n_eff = (sum w)^2 / sum w^2
    (Kish 1965). Where high is good the value is the share that did not fail. A row that is not
    `counted` is no subject, it can only raise the alarm or hold.
    """
    alarmed, is_held = _any(rows, "alarm"), _any(rows, "held")
    rows = _subjects(rows)
    failed = rows["failed"].astype(bool)
    if not len(failed):
        return Grade(0, 0, None, None, None, None, "red" if alarmed else "insufficient")
    n, k = len(failed), int(failed.sum())
    weights = rows["sample_weight"] if "sample_weight" in rows else np.ones(n)
    value = float((failed * weights).sum() / weights.sum())
    n_eff = float(weights.sum() ** 2 / (weights**2).sum())
    n_eff /= design_effect(failed, rows["cluster" if "cluster" in rows else "observed_on"])
    lo, hi = wilson(value * n_eff, n_eff)
    if limits.good_is_high:
        k, value, lo, hi = n - k, 1 - value, 1 - hi, 1 - lo
    state = "red" if alarmed else two_limit(value, lo, hi, n, limits)
    return Grade(k, n, n_eff, value, lo, hi, "amber" if state == "green" and is_held else state)


def _subjects(rows: Columns) -> Columns:
    if "counted" not in rows:
        return rows
    counted = rows["counted"].astype(bool)
    return {name: column[counted] for name, column in rows.items()}


def _any(rows: Columns, name: str) -> bool:
    return name in rows and bool(rows[name].astype(bool).any())


def zero(rows: Columns, limits: Limits) -> Grade:
    """Events of which one is too many: `failed`. Green needs n_min subjects and none `held`."""
    n, k = len(rows["failed"]), int(rows["failed"].astype(bool).sum())
    if k:
        return Grade(k, n, n, k / n, *wilson(k, n), "red")
    state = "amber" if _any(rows, "held") else "green"
    state = state if n >= limits.n_min else "insufficient"
    return Grade(0, n, n, 0.0, 0.0, zero_bound(n), state)


def census(rows: Columns, limits: Limits) -> Grade:
    """Items counted completely: `filled` 0..1, `counted` the item's weight, `failed`.

    An item of weight 0 that failed changes no value, but keeps the state from green. `exposure` is
    the number of runs behind them, told as effective n; the items say nothing below n_min of these.
    """
    total = float(rows["counted"].sum())
    filled = float((rows["filled"] * rows["counted"]).sum())
    value = filled / total
    state = against(round(value, 12), limits)
    held = state == "green" and bool((rows["failed"].astype(bool) & (rows["counted"] == 0)).any())
    exposure = float(rows["exposure"].max()) if "exposure" in rows else None
    if exposure is not None and exposure < limits.n_min:
        state = "insufficient"
    return Grade(filled, total, exposure, value, None, None, "amber" if held else state)


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

    No day before `restarted_on`, where there is one, is history. Green when even the upper end of
    the 90 % interval fits, red when the centre does not; only a point, without a colour, below
    n_min days of history. k is the amount spent this month.
    """
    days = [_day(value) for value in rows["observed_on"]]
    costs = dict(zip(days, rows["amount"].astype(float).tolist(), strict=True))
    budget = float(rows["budget"][0])
    starts_on = (
        max(date.min, *map(_day, rows["restarted_on"])) if "restarted_on" in rows else date.min
    )
    last_day, ends_on = _day(rows["last_day"][0]), _day(rows["ends_on"][0])
    found = month_end(costs, last_day, ends_on, starts_on=starts_on)
    value = found.centre / budget
    if found.lo is None or found.hi is None or found.history_days < limits.n_min:
        return Grade(found.spent, found.history_days, None, value, None, None, "insufficient")
    state = "green" if found.hi / budget <= limits.amber else "amber"
    state = "red" if value > limits.red else state
    interval = (found.lo / budget, found.hi / budget)
    return Grade(found.spent, found.history_days, None, value, *interval, state)


def _day(value: Any) -> date:
    return date.min if np.isnat(value) else date.fromisoformat(str(value)[:10])


ESTIMATORS: dict[str, Estimator] = {
    "share": share,
    "zero": zero,
    "census": census,
    "count": count,
    "age": age,
    "survival": survival,
    "projection": projection,
    "matched": matched,
    "weakest": weakest,
    "repeatable": repeatable,
    "silence": silence,
    "recurrence": recurrence,
    "trend": trend,
    "ratio": ratio,
    "ratio_by_day": ratio_by_day,
    "gap": gap,
    "burn": burn,
    "per_success": per_success,
    "wasted": wasted,
    "scaled": scaled,
    "runaway": runaway,
    "species": species,
    "shortfall": shortfall,
    "peak": peak,
    "two_arm": two_arm,
}
