"""What people's flags and labels show: silence, problems that come back, weeks that get better."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from queries.grading.exact import at_most, clopper_pearson
from queries.grading.intervals import COLOURS, Grade, Limits

Columns = Mapping[str, NDArray[Any]]
LABELS_A_WEEK = 20


def silence(rows: Columns, limits: Limits) -> Grade:
    """Chance of no flag at all if the share of users who flag were the amber limit: `flagged`.

    Red where no run is flagged and that chance is below the red limit, which n_min runs reach;
    insufficient before; green once anybody has flagged.
    """
    n, k = len(rows["flagged"]), int(rows["flagged"].astype(bool).sum())
    value = math.pow(1 - limits.amber, n)
    unheard = "red" if n >= limits.n_min and value < limits.red else "insufficient"
    return Grade(k, n, None, value, None, None, "green" if k else unheard)


class Fixed(NamedTuple):
    """One fixed category: events and exposure before and after its fix."""

    before: int
    exposed_before: float
    after: int
    exposed_after: float

    @property
    def ratio(self) -> float | None:
        """Rate after over rate before."""
        if self.before == 0:
            return None
        return (self.after / self.exposed_after) / (self.before / self.exposed_before)

    @property
    def p(self) -> float:
        """One-sided chance of so few events after, had nothing changed."""
        share = self.exposed_after / (self.exposed_after + self.exposed_before)
        return at_most(self.after, self.after + self.before, share)

    def interval(self) -> tuple[float, float]:
        """Exact conditional 95 % interval of the ratio, from that of after in all events."""
        low, high = clopper_pearson(self.after, self.after + self.before)
        scale = self.exposed_before / self.exposed_after
        return scale * low / (1 - low), scale * high / (1 - high)


def recurrence(rows: Columns, limits: Limits) -> Grade:
    """Rate after the fix over rate before, of the fixed category least shown to have fallen.

    `events_before`, `total_before`, `events_after`, `total_after`, one row a category; not a number
    on rows that are evidence only. Green where the exact conditional p is below the amber limit,
    red where the ratio reaches the red limit. Needs n_min events before. k is events after, n
    events before.
    """
    names = ("events_before", "total_before", "events_after", "total_after")
    columns = [rows[name].astype(float) for name in names]
    whole = zip(*(column[~np.isnan(columns[1])].tolist() for column in columns), strict=True)
    found = [Fixed(int(b), exposed, int(a), later) for b, exposed, a, later in whole]
    enough = [fixed for fixed in found if fixed.before >= max(1, limits.n_min)]
    if not enough:
        most = max(found)
        return Grade(most.after, most.before, None, most.ratio, None, None, "insufficient")
    worst = max(enough, key=lambda fixed: (COLOURS.index(_fallen(fixed, limits)), fixed.p, fixed))
    return Grade(
        *(worst.after, worst.before, None, worst.ratio),
        *worst.interval(),
        _fallen(worst, limits),
    )


def _fallen(fixed: Fixed, limits: Limits) -> str:
    if (fixed.ratio or 0.0) >= limits.red:
        return "red"
    return "green" if fixed.p < limits.amber else "amber"


def trend(rows: Columns, limits: Limits) -> Grade:
    """Cochran-Armitage z of labelled failures over weeks: `week` ascending, `failed`, `segment`.

    Green where z falls below minus the amber limit, red where it rises above the red limit, each
    both overall and within segments, so that a change of mix alone shows neither; or green where
    the newest week and all weeks reach `slo` (not a number: none is declared, so no failure at
    all). Needs n_min weeks of 20 labels. n is those weeks; value is z overall.
    """
    week, failed = rows["week"].astype(float), rows["failed"].astype(float)
    segments = rows["segment"].astype(str)
    whole = _score(week, failed)
    parts = [_score(week[own], failed[own]) for own in _groups(segments)]
    z, within = _z([whole]), _z(parts)
    sizes = np.unique(week, return_counts=True)[1]
    n = int((sizes >= LABELS_A_WEEK).sum())
    if n < limits.n_min:
        return Grade(None, n, None, z, None, None, "insufficient")
    slo = float(rows["slo"].astype(float)[0])
    allowed = 0.0 if math.isnan(slo) else 1 - slo
    most = max(failed.mean(), failed[week == week.max()].mean())
    if max(z, within) <= -limits.amber or most <= allowed + 1e-12:
        return Grade(None, n, None, z, None, None, "green")
    state = "red" if min(z, within) >= limits.red else "amber"
    return Grade(None, n, None, z, None, None, state)


def _groups(labels: NDArray[Any]) -> list[NDArray[np.bool_]]:
    return [labels == label for label in np.unique(labels)]


def _score(week: NDArray[Any], failed: NDArray[Any]) -> tuple[float, float]:
    """Failures weighted by week less what one common rate gives, and the variance of that."""
    p, far = float(failed.mean()), week - week.mean()
    return math.fsum(far * failed), p * (1 - p) * math.fsum(far * far)


def _z(scores: list[tuple[float, float]]) -> float:
    """Mantel's pooled z; 0 where nothing varies."""
    total, variance = (math.fsum(column) for column in zip(*scores, strict=True))
    return total / math.sqrt(variance) if variance > 0 else 0.0
