"""How many days of records are lacking, and whether the oldest ones can still be opened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from queries.grading.intervals import Grade, Limits, against


def shortfall(rows: Mapping[str, NDArray[Any]], limits: Limits) -> Grade:
    """Days short of a duty: `amount`, not a number on rows of a record that was opened or `failed`.

    Any day short is red. Else the limits are held against the share of records that did not open.
    k is the records opened, n those tried.
    """
    amounts, failed = rows["amount"].astype(float), rows["failed"].astype(bool)
    tried = np.isnan(amounts)
    n, lost = int(tried.sum()), int(failed[tried].sum())
    value = max(0.0, float(amounts[~tried].max()))
    state = "red" if value > 0 else against(lost / n, limits) if n else "insufficient"
    return Grade(n - lost, n, None, value, None, None, state)
