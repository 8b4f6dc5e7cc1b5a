"""Whether the same task ends the same way when it is repeated."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from queries.grading.intervals import Grade, Limits, two_limit

Columns = Mapping[str, NDArray[Any]]
RUNS_A_TASK, IN_A_ROW = 4, 3
COIN = 0.5
SEED, RESAMPLES = 20_261_124, 999


def pass_hat(passed: int, runs: int, in_a_row: int) -> float:
    """Chance that so many runs of one task all pass, unbiased (tau-bench, arXiv 2406.12045)."""
    return math.comb(passed, in_a_row) / math.comb(runs, in_a_row)


def flakiness(once: float, gap: float) -> float:
    """0 where the same tasks always fail, 1 where every run is the same toss of a coin.

    once: mean pass^1; gap: mean pass^1 less mean pass^3.
    """
    by_chance = once - once**IN_A_ROW
    return gap / by_chance if by_chance > 0 else 0.0


def repeatable(rows: Columns, limits: Limits) -> Grade:
    """pass^1 less pass^3, mean over tasks run at least four times: `task`, `failed`, `known`.

    95 % interval by bootstrap of tasks. A run of unknown outcome counts as what makes its task
    least repeatable. n is the tasks, k the sum of their pass^1.
    """
    _, index = np.unique(rows["task"].astype(str), return_inverse=True)
    known = rows["known"].astype(bool)
    passed = np.bincount(index, known & ~rows["failed"].astype(bool)).astype(int).tolist()
    unknown = np.bincount(index, ~known).astype(int).tolist()
    runs = np.bincount(index).tolist()
    counts = zip(passed, unknown, runs, strict=True)
    tasks = np.array([_least(*task) for task in counts if task[2] >= RUNS_A_TASK])
    n = len(tasks)
    if n == 0:
        return Grade(0, 0, None, None, None, None, "insufficient")
    gaps = np.round(tasks[:, 0] - tasks[:, 1], 12)
    value, once = math.fsum(gaps) / n, math.fsum(tasks[:, 0])
    lo, hi = _quantile(gaps, 0.025), _quantile(np.append(gaps, COIN), 0.975)
    return Grade(once, n, n, value, lo, hi, two_limit(value, lo, hi, n, limits))


def _quantile(gaps: NDArray[np.float64], level: float) -> float:
    """Quantile of the mean over resampled tasks.

    The upper end is drawn with one coin more: certain tasks alone would resample to certainty, and
    of ten tasks of which one in ten is a coin the interval would hold the truth 6 times in 10.
    """
    distinct, times = np.unique(gaps, return_counts=True)
    n = len(gaps)
    drawn = np.random.default_rng(SEED).multinomial(n, times / n, RESAMPLES)
    return float(np.quantile(drawn @ distinct / n, level))


def _least(passed: int, unknown: int, runs: int) -> tuple[float, float]:
    """pass^1 and pass^3 of one task, for the successes among the unknown that part them most."""
    possible = range(passed, passed + unknown + 1)
    pairs = [(pass_hat(s, runs, 1), pass_hat(s, runs, IN_A_ROW)) for s in possible]
    return max(pairs, key=lambda pair: pair[0] - pair[1])
