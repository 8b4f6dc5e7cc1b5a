"""Means and ratios of sums: what one run, one day or one success weighs, with its interval."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from queries.grading.intervals import Grade, Limits, two_limit

Floats = NDArray[np.float64]
Columns = Mapping[str, NDArray[Any]]
SEED, RESAMPLES = 20_261_124, 999
MOST_RESAMPLED = 2_000
ROUNDING = 1e-9


def studentised(
    values: Floats, weights: Floats | None = None, band: float = 0.95
) -> tuple[float, float]:
    """Interval of sum(values) / sum(weights); of the mean where no weights are given.

    It covers the share `band`. Studentised bootstrap on the linearised standard error (Efron and
    Tibshirani 1993, 12.5), 999 resamples of a fixed seed, the same for every order of the rows; one
    without any spread is given that of the whole. Above 2,000 rows the normal interval, which
    skewed costs no longer bend. Needs two rows and a positive sum of weights.
    """
    weights = np.ones(len(values)) if weights is None else weights
    order = np.lexsort((weights, values))
    values, weights = values[order].astype(float), weights[order].astype(float)
    centre, error = _linear(values, weights)
    tail = round((1 - band) / 2, 12)
    if len(values) > MOST_RESAMPLED or error == 0:
        half = NormalDist().inv_cdf(1 - tail) * error
        return float(centre - half), float(centre + half)
    random = np.random.default_rng(SEED)
    drawn = random.integers(0, len(values), (RESAMPLES, len(values)))
    drawn = drawn[weights[drawn].sum(axis=1) > 0]
    centres, errors = _linear(values[drawn], weights[drawn])
    distances = (centres - centre) / np.where(errors > ROUNDING * error, errors, error)
    below, above = np.quantile(distances, [tail, 1 - tail])
    lowest = 0.0 if values[0] >= 0 else -np.inf
    return max(lowest, float(centre - above * error)), float(centre - below * error)


def _linear(values: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Ratio of the sums along the last axis, and its standard error."""
    n, total = values.shape[-1], weights.sum(axis=-1)
    centre = values.sum(axis=-1) / total
    rest = values - centre[..., None] * weights
    return centre, np.sqrt((rest**2).sum(axis=-1) * n / (n - 1)) / total


def ratio(rows: Columns, limits: Limits) -> Grade:
    """Sum of `amount` over the sum of `total`, one row a run or day, `sample_weight` if sampled.

    k is the sum of amounts, n the rows. Without two rows or anything to divide by: no number.
    """
    weights = rows["sample_weight"].astype(float) if "sample_weight" in rows else 1.0
    amounts, totals = rows["amount"].astype(float) * weights, rows["total"].astype(float) * weights
    n, k = len(amounts), float(np.sort(amounts).sum())
    if n < 2 or totals.sum() <= 0:
        return Grade(k, n, None, None, None, None, "insufficient")
    value = k / float(np.sort(totals).sum())
    lo, hi = studentised(amounts, totals)
    return Grade(k, n, None, value, lo, hi, two_limit(value, lo, hi, n, limits))


def ratio_by_day(rows: Columns, limits: Limits) -> Grade:
    """The ratio of `amount` and `total` with rows summed by `observed_on` first; n is the days."""
    return ratio(by_day(rows), limits)


def by_day(rows: Columns) -> dict[str, Floats]:
    """`amount` and `total` summed by `observed_on`, weighted where the runs were sampled."""
    weights = rows["sample_weight"].astype(float) if "sample_weight" in rows else 1.0
    days, index = np.unique(rows["observed_on"], return_inverse=True)
    sums: dict[str, Floats] = {}
    for name in ("amount", "total"):
        column = rows[name].astype(float) * weights
        order = np.lexsort((column, index))
        sums[name] = np.zeros(len(days))
        np.add.at(sums[name], index[order], column[order])
    return sums
