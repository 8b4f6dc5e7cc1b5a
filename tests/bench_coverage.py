"""How often each interval of the scorecard covers the truth: figures to read, not to assert.

Shares exactly, by summing the binomial probability of every count whose interval covers; the rest
simulated with fixed seeds, 400 to 1,000 times a cell, so good to about one or two points.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from queries.grading import newcombe, wilson
from queries.grading.exact import clopper_pearson
from queries.grading.intervals import zero_bound
from queries.grading.projection import remaining
from queries.grading.ratio import studentised
from queries.grading.species import unseen
from queries.grading.survival import still_open

Floats = NDArray[np.float64]
SIZES = (30, 100, 300)
SHARES = np.linspace(0.0025, 0.9975, 399)
PAIRED = np.linspace(0.05, 0.95, 10)
WEEK = np.array([1.2, 1.2, 1.1, 1.1, 1.0, 0.4, 0.3])
DAYS_LEFT = 20


class Line(NamedTuple):
    """Coverage of one interval at one size: its mean over a grid, and the least with its place."""

    interval: str
    size: str
    nominal: float
    found: dict[str, float]


def coverage() -> None:
    """Print one line an interval and size: nominal, mean and least coverage, and where it is."""
    sys.stdout.write(f"\n{'coverage, %':44} {'size':>12} nominal   mean  least  where\n")
    for line in lines():
        where, least = min(line.found.items(), key=lambda item: item[1])
        mean = sum(line.found.values()) / len(line.found)
        figures = f"{100 * line.nominal:7.0f} {100 * mean:6.1f} {100 * least:6.1f}"
        sys.stdout.write(f"{line.interval:44} {line.size:>12} {figures}  {where}\n")


def lines() -> Iterator[Line]:
    """Every interval at every size."""
    for n in SIZES:
        yield Line("Wilson, a share", f"n={n}", 0.95, exact(wilson, n))
    for n in SIZES:
        yield Line("Clopper-Pearson, a share", f"n={n}", 0.95, exact(clopper_pearson, n))
    for n in SIZES:
        yield Line("bound after no event", f"n={n}", 0.95, exact(_after_none, n))
    for n in SIZES:
        yield Line("Newcombe, a difference of shares", f"2 x n={n}", 0.95, differences(n))
    for n in SIZES:
        yield Line("Kaplan-Meier, Rothman", f"n={n}", 0.95, waiting(n))
    for n in SIZES:
        yield Line("Good-Turing, chance of a new kind", f"n={n}", 0.95, new_kinds(n))
    for n in (30, 100, 400):
        yield Line("studentised mean, lognormal CV=2", f"n={n}", 0.95, {"CV=2": means(n)})
    for n in (30, 100, 400):
        yield Line("  the t interval beside it", f"n={n}", 0.95, {"CV=2": means(n, _t_interval)})
    for phi, name in ((0.0, "independent days"), (0.5, "AR(1) 0.5")):
        for days in (14, 28, 56):
            yield Line(f"month-end projection, {name}", f"{days} d", 0.90, months(days, phi))


def exact(interval: Callable[[int, int], tuple[float, float]], n: int) -> dict[str, float]:
    """Coverage of an interval of k in n over the grid of true shares."""
    low, high = np.array([interval(k, n) for k in range(n + 1)]).T
    return {
        f"p={p:.4f}": float(stats.binom.pmf(range(n + 1), n, p)[(low <= p) & (p <= high)].sum())
        for p in SHARES
    }


def _after_none(k: int, n: int) -> tuple[float, float]:
    return (0.0, zero_bound(n)) if k == 0 else (0.0, 1.0)


def differences(n: int) -> dict[str, float]:
    """Coverage of Newcombe's interval over a grid of pairs of true shares."""
    counts = range(n + 1)
    bounds = np.array([[newcombe(k1, n, k2, n) for k2 in counts] for k1 in counts])
    chance = {p: stats.binom.pmf(counts, n, p) for p in PAIRED}
    found = {}
    for p in PAIRED:
        for q in PAIRED[p >= PAIRED]:
            covered = (bounds[..., 0] <= p - q) & (p - q <= bounds[..., 1])
            found[f"p={p:.2f}, {q:.2f}"] = float(chance[p] @ covered @ chance[q])
    return found


def waiting(n: int, tries: int = 400) -> dict[str, float]:
    """Exponential waits, half as many censored at random: how often the true share is covered."""
    random, found = np.random.default_rng(11), {}
    for share in (0.1, 0.3, 0.5, 0.7, 0.9):
        hits = 0
        for _ in range(tries):
            waits, seen_for = random.exponential(1, n), random.exponential(2, n)
            horizon = -math.log(share)
            _, low, high = still_open(np.minimum(waits, seen_for), waits <= seen_for, horizon)
            hits += low <= share <= high
        found[f"S={share}"] = hits / tries
    return found


def new_kinds(n: int, tries: int = 1_000) -> dict[str, float]:
    """Kinds by Zipf's law: how often the chance of all kinds not met is covered."""
    random, found = np.random.default_rng(12), {}
    for kinds in (20, 100, 500):
        chances = 1 / np.arange(1, kinds + 1)
        chances /= chances.sum()
        hits = 0
        for met in random.multinomial(n, chances, tries):
            low, high = unseen(n, int((met == 1).sum()), int((met == 2).sum()))
            hits += low <= chances[met == 0].sum() <= high
        found[f"{kinds} kinds"] = hits / tries
    return found


def means(n: int, interval: Callable[[Floats], tuple[float, float]] = studentised) -> float:
    """Lognormal costs of mean 1 whose deviation is twice the mean."""
    random, spread, tries = np.random.default_rng(13), math.sqrt(math.log(5)), 1_000
    draws = random.lognormal(-spread * spread / 2, spread, (tries, n))
    return _share(low <= 1 <= high for low, high in map(interval, draws))


def _t_interval(costs: Floats) -> tuple[float, float]:
    low, high = stats.t.interval(0.95, len(costs) - 1, costs.mean(), stats.sem(costs))
    return float(low), float(high)


def months(days: int, phi: float, tries: int = 400) -> dict[str, float]:
    """Twenty days ahead of so many days of history, with a weekday profile and lognormal days."""
    random, found = np.random.default_rng(14), {}
    weekdays = np.arange(days + DAYS_LEFT) % 7
    for variation in (0.15, 0.3, 0.6):
        hits = []
        for _ in range(tries):
            cost = 100 * WEEK[weekdays] * _days(random, days + DAYS_LEFT, variation, phi)
            centre, half = remaining(cost[:days], weekdays[:days], weekdays[days:])
            hits.append(half is not None and abs(cost[days:].sum() - centre) <= half)
        found[f"CV={variation}"] = _share(hits)
    return found


def _days(random: np.random.Generator, n: int, variation: float, phi: float) -> Floats:
    """Lognormal factors of mean 1, autocorrelated in their logarithms."""
    spread = math.sqrt(math.log(1 + variation * variation))
    noise = random.normal(0, spread, n)
    for i in range(1, n):
        noise[i] = phi * noise[i - 1] + math.sqrt(1 - phi * phi) * noise[i]
    factors: Floats = np.exp(noise - spread * spread / 2)
    return factors


def _share(hits: Iterable[Any]) -> float:
    found = [bool(hit) for hit in hits]
    return sum(found) / len(found)


if __name__ == "__main__":
    coverage()
