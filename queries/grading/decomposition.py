"""A move of cost split exactly into the factors whose product the cost is."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def divisia(before: Floats, after: Floats) -> Floats:
    """What each factor contributes to the move of the last column, summed over the rows.

    Both arrays are (cells, links): each row a chain of amounts in which every link is the one
    before it times a factor, such as runs, calls, tokens at list price, cost; the first link is a
    factor itself. Returns (links,) contributions that add up to the move of the last column: the
    additive log-mean Divisia index, LMDI-I (Ang 2005). Where a link is not above zero on one side
    there is no ratio, and the whole move of that cell belongs to the first such link.
    """
    parts = np.zeros(before.shape)
    told = (before > 0).all(axis=1) & (after > 0).all(axis=1)
    factors = np.diff(np.log(after[told]) - np.log(before[told]), axis=1, prepend=0.0)
    parts[told] = log_mean(before[told, -1], after[told, -1])[:, None] * factors
    broken = (before[~told] <= 0) | (after[~told] <= 0)
    moved = after[~told, -1] - before[~told, -1]
    parts[np.flatnonzero(~told), broken.argmax(axis=1)] = moved
    return np.array([math.fsum(column) for column in parts.T])


def log_mean(start: Floats, end: Floats) -> Floats:
    """Logarithmic mean (end - start) / ln(end / start) of amounts above zero, equal ones too."""
    grown = np.log(end) - np.log(start)
    near = np.clip(grown, -1.0, 1.0)
    rise = np.divide(np.expm1(near), near, out=np.ones_like(near), where=near != 0)
    far = np.divide(end - start, grown, out=np.zeros_like(grown), where=grown != 0)
    mean: Floats = np.where(np.abs(grown) < 1, start * rise, far)
    return mean
