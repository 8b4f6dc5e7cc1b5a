"""Headroom under a rate limit: how much of it the busiest minutes will take at target volume."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from queries.grading.intervals import Grade, Limits, two_limit

Floats = NDArray[np.float64]
SEED, RESAMPLES = 20_261_124, 999
RANK = 0.99


def peak(rows: Mapping[str, NDArray[Any]], limits: Limits) -> Grade:
    """The tool nearest its limit: 99th percentile of `amount`, calls a minute, times `factor`.

    One row per `tool`, day (`observed_on`) and `amount`, with the number of `minutes` that had so
    many calls; `factor` is the share of the limit that one call a minute takes at target volume.
    Interval: 5th to 95th percentile over resampled days. k is the percentile in calls a minute now,
    n the days. One `alarm` is red at any n.
    """
    days, day = np.unique(rows["observed_on"], return_inverse=True)
    tools = np.asarray(rows["tool"], dtype=str)
    found = [_of_tool(rows, tools == tool, day, len(days)) for tool in np.unique(tools)]
    busiest, value, lo, hi = max(found, key=lambda one: one[1])
    state = two_limit(value, lo, hi, len(days), limits)
    if "alarm" in rows and rows["alarm"].astype(bool).any():
        state = "red"
    return Grade(busiest, len(days), None, value, lo, hi, state)


def _of_tool(
    rows: Mapping[str, NDArray[Any]], own: NDArray[np.bool_], day: NDArray[np.int_], n_days: int
) -> tuple[float, float, float, float]:
    """Calls in the busiest minutes of one tool, their share of its limit, and its interval."""
    levels, level = np.unique(rows["amount"][own].astype(float), return_inverse=True)
    minutes = np.zeros((n_days, len(levels)))
    np.add.at(minutes, (day[own], level), rows["minutes"][own].astype(float))
    factor = float(rows["factor"][own][0])
    busiest = float(percentile(levels, minutes.sum(axis=0)[None])[0])
    random = np.random.default_rng(SEED)
    drawn = random.multinomial(n_days, np.full(n_days, 1 / n_days), RESAMPLES)
    low, high = np.quantile(percentile(levels, drawn @ minutes), [0.05, 0.95])
    value = busiest * factor
    return busiest, value, min(value, float(low) * factor), max(value, float(high) * factor)


def percentile(levels: Floats, counts: Floats) -> Floats:
    """Smallest of the sorted levels that 99 % of the counts do not exceed, for every row of counts.

    0 for a row that counts nothing.
    """
    reached = counts.cumsum(axis=1)
    total = reached[:, -1]
    found = levels[np.argmax(reached >= RANK * total[:, None] - 1e-9, axis=1)]
    return np.where(total > 0, found, 0.0)
