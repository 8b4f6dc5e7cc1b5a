"""Whether everything is recorded: the worst day against another count, the weakest field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from queries.grading.intervals import Grade, Limits, against

Columns = Mapping[str, NDArray[Any]]


def matched(rows: Columns, limits: Limits) -> Grade:
    """Traced over independently counted, of the worst row: `amount`, `total`, a row a day and key.

    Census, no interval. Too many is as wrong as too few: 1.06 has the colour of 0.94. Nothing
    counted where something was traced is held against a count of one.
    """
    amounts = rows["amount"].astype(float)
    totals = np.maximum(rows["total"].astype(float), 1.0)
    ratios = amounts / totals
    gaps = np.round(np.abs(ratios - 1), 12)
    worst = int(np.lexsort((-totals, ratios, -gaps))[0])
    k, n, value = (float(column[worst]) for column in (amounts, totals, ratios))
    return Grade(k, n, None, value, None, None, against(1 - float(gaps[worst]), limits))


def weakest(rows: Columns, limits: Limits) -> Grade:
    """The smallest coverage of any field: `subject`, and `filled` of `counted` rows that need it.

    Rows of one subject are added up; rows with counted 0 are evidence only. Census, no interval.
    Needs n_min rows of the most counted field; n is that of the weakest.
    """
    subjects, index = np.unique(rows["subject"].astype(str), return_inverse=True)
    filled = np.bincount(index, rows["filled"].astype(float), len(subjects))
    counted = np.bincount(index, rows["counted"].astype(float), len(subjects))
    filled, counted = filled[counted > 0], counted[counted > 0]
    shares = np.round(filled / counted, 12)
    worst = int(np.lexsort((-counted, shares))[0])
    k, n, value = (float(column[worst]) for column in (filled, counted, shares))
    enough = counted.max() >= limits.n_min
    state = against(value, limits) if enough else "insufficient"
    return Grade(k, n if enough else float(counted.max()), None, value, None, None, state)
