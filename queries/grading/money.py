"""What the money of a workflow shows: invoice gaps, burn, cost of a success, waste, tails."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from queries.grading.intervals import Grade, Limits, against, design_effect, two_limit, wilson
from queries.grading.ratio import Floats, by_day, studentised

Columns = Mapping[str, NDArray[Any]]
MATERIAL = 0.01
DEAREST = 0.05
MARGIN = 1e-9


def gap(rows: Columns, limits: Limits) -> Grade:
    """(traced - invoiced) / invoiced where it is widest: `subject`, `amount`, `total`, `days`.

    Below zero, some use was not traced. Counted completely: no interval. k is the traced
    amount, n the days of the closed period.
    """
    found = []
    for subject in np.unique(rows["subject"].astype(str)):
        own = rows["subject"] == subject
        traced, invoiced = math.fsum(rows["amount"][own]), math.fsum(rows["total"][own])
        found.append(((traced - invoiced) / invoiced if invoiced > 0 else 1.0, traced, own))
    value, traced, own = max(found, key=lambda one: abs(one[0]))
    days = float(rows["days"][own].max())
    value = round(value, 12)
    state = against(abs(value), limits) if days >= limits.n_min else "insufficient"
    return Grade(traced, days, None, value, None, None, state)


def burn(rows: Columns, limits: Limits) -> Grade:
    """Spend of a window over what the budget allows in it, for the pair nearest to firing.

    One row a run: `amount` and `recent`, spent in the long and the short window, against `allowed`
    and `recent_allowed`, a `threshold`, and the monthly `budget`. Fires when both windows reach the
    threshold and the long one holds a hundredth of the budget: red from the red limit on, else
    amber; insufficient where fewer than n_min runs spent it (Google SRE workbook, chapter 5).
    """
    spent, recent = math.fsum(rows["amount"]), math.fsum(rows["recent"])
    value = spent / float(rows["allowed"][0])
    threshold = float(rows["threshold"][0]) - MARGIN
    both = min(value, recent / float(rows["recent_allowed"][0])) >= threshold
    n = int((rows["amount"] > 0).sum())
    state = "green"
    if both and spent >= MATERIAL * float(rows["budget"][0]):
        state = "red" if threshold >= limits.red - MARGIN else "amber"
        state = state if n >= limits.n_min else "insufficient"
    return Grade(spent, n, None, value, None, None, state)


def per_success(rows: Columns, limits: Limits) -> Grade:
    """Cost of a success over `target`: `amount` and `total` (1 a success) by `observed_on`.

    k is the whole cost in US dollars, n the successes, so k / n is the cost of one.
    """
    days = by_day(rows)
    k, n = math.fsum(days["amount"]), math.fsum(days["total"])
    target = float(rows["target"][0])
    if n <= 0 or len(days["total"]) < 2:
        return Grade(k, n, None, None, None, None, "insufficient")
    lo, hi = (side / target for side in studentised(days["amount"], days["total"]))
    value = k / n / target
    return Grade(k, n, None, value, lo, hi, two_limit(value, lo, hi, n, limits))


def wasted(rows: Columns, limits: Limits) -> Grade:
    """Share of spend without a result: `amount` of `total`, one row a run, `failed` where any is.

    Wilson interval on the effective number of runs: dear runs count for more, n_eff = (sum w)^2 /
    sum w^2 (Kish 1965), over the design effect of days.
    """
    weights = rows["sample_weight"] if "sample_weight" in rows else np.ones(len(rows["total"]))
    totals = rows["total"].astype(float) * weights
    k, total = math.fsum(rows["amount"] * weights), math.fsum(totals)
    n = len(totals)
    if total <= 0:
        return Grade(k, n, None, None, None, None, "insufficient")
    effect = design_effect(rows["failed"].astype(bool), rows["observed_on"])
    n_eff = total**2 / math.fsum(totals**2) / effect
    lo, hi = wilson(k / total * n_eff, n_eff)
    return Grade(k, n, n_eff, k / total, lo, hi, two_limit(k / total, lo, hi, n, limits))


def runaway(rows: Columns, limits: Limits) -> Grade:
    """Share of spend in the dearest 5 % of runs, or of cases (`subject`) where that is more.

    `amount` in US dollars, `cap` not a number where none is declared, `is_high` at high risk. A run
    above its cap is red at any number; no cap is amber, at high risk red.
    """
    amounts = rows["amount"].astype(float)
    _, cases = np.unique(rows["subject"].astype(str), return_inverse=True)
    value = max(dearest(amounts), dearest(np.bincount(cases, weights=amounts).astype(float)))
    n, cap = len(amounts), float(rows["cap"][0])
    if amounts.max() > cap:
        state = "red"
    elif math.isnan(cap):
        state = "red" if bool(rows["is_high"][0]) else "amber"
    elif n < limits.n_min:
        state = "insufficient"
    else:
        state = against(round(value, 12), limits)
    return Grade(value * math.fsum(amounts), n, None, value, None, None, state)


def dearest(amounts: Floats) -> float:
    """Share of the sum in the largest 5 % of the amounts; a fraction of one counts by itself."""
    ordered = np.sort(amounts)[::-1]
    whole = int(DEAREST * len(ordered))
    held = math.fsum(ordered[:whole]) + (DEAREST * len(ordered) - whole) * float(ordered[whole])
    total = math.fsum(ordered)
    return held / total if total > 0 else 0.0
