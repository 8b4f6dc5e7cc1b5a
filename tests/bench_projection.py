"""Back-test of projections on generated cost histories: printed by `make bench`, never asserted."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np

from queries.grading import backtest, crossing, month_end

HISTORIES, SEEN, LEFT = 200, 98, 20
FIRST = date(2026, 6, 1)
WEEK = np.array([1.2, 1.25, 1.2, 1.15, 1.0, 0.6, 0.6])
KINDS = ("independent days", "autocorrelated, 0.5", "level shift, told", "level shift, not told")
Costs = dict[date, float]


def back_test() -> Iterator[str]:
    """One line a kind of history: coverage of the month's 90 % range and of the crossing's."""
    yield f"projection on {HISTORIES} histories each, 90% range, {LEFT} days ahead"
    yield f"{'':24}{'month':>8}{'widened':>9}{'crossing':>10}"
    for kind in KINDS:
        shares = np.mean([_one(kind, seed) for seed in range(HISTORIES)], axis=0)
        month, widened, crossed = (float(share) for share in shares)
        yield f"{kind:24}{month:>8.1%}{widened:>9.1%}{crossed:>10.1%}"


def _one(kind: str, seed: int) -> tuple[bool, bool, bool]:
    """Whether the range held as it is, widened for what it missed, and for the day of crossing."""
    dice = np.random.default_rng([seed, KINDS.index(kind)])
    costs, shifted_on = history(dice, kind)
    last, ends = FIRST + timedelta(days=SEEN - 1), FIRST + timedelta(days=SEEN + LEFT - 1)
    seen = {day: usd for day, usd in costs.items() if day <= last}
    since = {"starts_on": shifted_on} if kind.endswith(", told") else {}
    actual = math.fsum(usd for day, usd in costs.items() if last - timedelta(days=9) <= day)
    begins = last - timedelta(days=9)
    widened = backtest(seen, last, **since).widened
    ranges = [
        month_end(seen, last, ends, begins_on=begins, widened=factor, **since)
        for factor in (1.0, widened)
    ]
    held = [r.lo is not None and r.hi is not None and r.lo <= actual <= r.hi for r in ranges]
    budget = actual * dice.uniform(0.7, 1.1)
    found = crossing(seen, last, ends, budget, begins_on=begins, widened=widened, **since)
    came = crossing(costs, ends, ends, budget, begins_on=begins).on
    first, latest, day = (d or date.max for d in (found.earliest, found.latest, came))
    return held[0], held[1], first <= day <= latest


def history(dice: np.random.Generator, kind: str) -> tuple[Costs, date]:
    """Lognormal daily costs with a weekday pattern, and the day of the shift where there is one."""
    days = np.arange(SEEN + LEFT)
    variation = dice.choice([0.15, 0.3, 0.6])
    spread = math.sqrt(math.log(1 + variation**2))
    noise = dice.normal(0, spread, len(days))
    if kind.startswith("auto"):
        for n in days[1:]:
            noise[n] = 0.5 * noise[n - 1] + math.sqrt(0.75) * noise[n]
    level = np.full(len(days), dice.uniform(5, 500))
    shift = int(dice.integers(SEEN - 27, SEEN - 13))
    if kind.startswith("level"):
        level[shift:] *= dice.choice([0.5, 1.5, 2.0])
    usd = level * WEEK[days % 7] * np.exp(noise - spread**2 / 2)
    dated = [FIRST + timedelta(days=int(n)) for n in days]
    return dict(zip(dated, usd.tolist(), strict=True)), dated[shift]
