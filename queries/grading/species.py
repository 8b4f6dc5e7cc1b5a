"""Kinds still unseen: how likely the next subject is of a kind that nobody has met."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from queries.grading.intervals import Grade, Limits, Z, against, zero_bound


def species(rows: Mapping[str, NDArray[Any]], limits: Limits) -> Grade:
    """Chance that the next subject is of a new kind: `kind`, one row a subject (Good 1953).

    k is the kinds seen once, n the subjects. Colour of the value itself from n_min subjects on.
    """
    _, counts = np.unique(rows["kind"], return_counts=True)
    n, once = int(counts.sum()), int((counts == 1).sum())
    lo, hi = unseen(n, once, int((counts == 2).sum()))
    state = against(once / n, limits) if n >= limits.n_min else "insufficient"
    return Grade(once, n, n, once / n, lo, hi, state)


def unseen(n: int, once: int, twice: int) -> tuple[float, float]:
    """95 % interval of the probability of all unseen kinds, from n subjects and the kinds seen
    once and twice.

    Normal with the standard error of Esty (1983), within 0 and 1. Its ends are never nearer to 0
    and 1 than n subjects without an event would allow: none or all seen once prove nothing.
    """
    value, least = once / n, zero_bound(n)
    half = Z * math.sqrt(once * (1 - value) + 2 * twice) / n
    return max(0.0, min(value - half, 1 - least)), min(1.0, max(value + half, least))
