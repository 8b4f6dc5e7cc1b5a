"""A team against one agent: the gain, its interval, and what a success costs."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from queries.grading import ESTIMATORS, Grade, Limits

LIMITS = Limits(0.05, 3, 60)
ARM = st.integers(1, 150).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def rows(
    multi: tuple[int, int], single: tuple[int, int], usd: tuple[float, float] = (1.0, 1.0)
) -> dict[str, Any]:
    """Successes of runs of both, and US dollars a run."""
    arms = [("multi", *multi, usd[0]), ("single", *single, usd[1])]
    return {
        "arm": np.array([arm for arm, _, n, _ in arms for _ in range(n)], dtype=object),
        "failed": np.array([i >= k for _, k, n, _ in arms for i in range(n)]),
        "amount": np.array([cost for _, _, n, cost in arms for _ in range(n)]),
        "observed_on": np.zeros(multi[1] + single[1]),
    }


def grade(*told: Any, **columns: Any) -> Grade:
    return ESTIMATORS["two_arm"](rows(*told) | columns, LIMITS)


def plain_interval(k1: int, n1: int, k2: int, n2: int) -> tuple[float, float]:
    """Newcombe's hybrid of two Wilson intervals, each as scipy gives it."""
    one, other = (
        stats.binomtest(k, n).proportion_ci(method="wilson") for k, n in ((k1, n1), (k2, n2))
    )
    p1, p2 = k1 / n1, k2 / n2
    low = p1 - p2 - math.sqrt((p1 - one.low) ** 2 + (other.high - p2) ** 2)
    return low, p1 - p2 + math.sqrt((one.high - p1) ** 2 + (p2 - other.low) ** 2)


def test_worked_value() -> None:
    usd = (3.0 * 0.82 / 0.78, 1.0)
    found = grade((82, 100), (78, 100), usd)
    assert (found.value, found.lo, found.hi) == pytest.approx((0.04, -0.0714, 0.1504), abs=1e-4)
    assert (found.k, found.state) == (pytest.approx(3.0), "red")


@given(ARM, ARM)
def test_the_interval_is_newcombes(multi: tuple[int, int], single: tuple[int, int]) -> None:
    found = grade(multi, single)
    assert found.n == min(multi[1], single[1])
    assert (found.lo, found.hi) == pytest.approx(plain_interval(*multi, *single), abs=1e-9)
    costs = [n / k if k else math.inf for k, n in (multi, single)]
    if math.isfinite(costs[0]):
        assert found.k == pytest.approx(costs[0] / costs[1])
    else:
        assert found.k is None


@pytest.mark.parametrize(
    ("multi", "single", "usd", "state"),
    [
        ((95, 100), (70, 100), (9.0, 1.0), "green"),
        ((90, 100), (90, 100), (2.0, 1.0), "amber"),
        ((390, 400), (392, 400), (0.9, 1.0), "green"),
        ((390, 400), (392, 400), (1.5, 1.0), "amber"),
        ((60, 100), (80, 100), (0.1, 1.0), "red"),
        ((82, 100), (78, 100), (3.3, 1.0), "red"),
        ((50, 62), (48, 62), (9.0, 1.0), "amber"),
        ((95, 100), (30, 59), (1.0, 1.0), "insufficient"),
        ((82, 100), (78, 100), (math.nan, 1.0), "amber"),
        ((390, 400), (392, 400), (math.nan, math.nan), "amber"),
        ((70, 100), (0, 100), (5.0, 1.0), "green"),
        ((0, 100), (0, 100), (1.0, 1.0), "amber"),
    ],
)
def test_colours(
    multi: tuple[int, int], single: tuple[int, int], usd: tuple[float, float], state: str
) -> None:
    assert grade(multi, single, usd).state == state


def test_without_one_arm_there_is_no_number() -> None:
    found = grade((9, 10), (0, 0))
    assert (found.n, found.value, found.state) == (0, None, "insufficient")


def test_a_row_that_is_not_counted_stands_by() -> None:
    told = rows((90, 100), (90, 100))
    counted = np.arange(200) > 0
    assert ESTIMATORS["two_arm"](told | {"counted": counted}, LIMITS).n == 99


def test_clumped_failures_widen_the_interval() -> None:
    calm = grade((40, 80), (60, 80))
    days = np.repeat(np.arange(40), 4)
    clumped = grade((40, 80), (60, 80), observed_on=days)
    assert clumped.n_eff is not None
    assert calm.n_eff is not None
    assert clumped.n_eff < calm.n_eff
    assert (calm.state, clumped.state) == ("red", "amber")
