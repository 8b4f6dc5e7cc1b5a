"""Headroom under a rate limit: percentile and interval against numpy on the minutes themselves."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from queries.grading import ESTIMATORS, Grade, Limits
from queries.grading.peak import percentile

FIRST = date(2026, 11, 1)
LIMITS = Limits(0.5, 0.8, 7)
MINUTES = st.lists(
    st.tuples(st.integers(0, 11), st.integers(1, 40), st.integers(1, 30)), min_size=1, max_size=40
)


def rows(told: list[tuple[int, int, int]], factor: float, tool: str = "crm") -> dict[str, Any]:
    """Of days, calls a minute, and the minutes that had so many."""
    days, calls, minutes = zip(*told, strict=True)
    return {
        "tool": np.array([tool] * len(told), dtype=object),
        "observed_on": np.array([FIRST + timedelta(days=day) for day in days], "datetime64[D]"),
        "amount": np.array(calls, dtype=float),
        "minutes": np.array(minutes, dtype=float),
        "factor": np.full(len(told), factor),
    }


def peak(told: dict[str, Any]) -> Grade:
    return ESTIMATORS["peak"](told, LIMITS)


def both(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    return {name: np.concatenate([column, other[name]]) for name, column in one.items()}


def test_worked_value() -> None:
    grade = peak(rows([(day, 30, 1) for day in range(28)], 10 / 500))
    assert (grade.k, grade.n, grade.state) == (30, 28, "amber")
    assert (grade.value, grade.lo, grade.hi) == pytest.approx((0.6, 0.6, 0.6))


@given(MINUTES)
def test_the_percentile_is_numpys(told: list[tuple[int, int, int]]) -> None:
    minutes = np.repeat([calls for _, calls, _ in told], [n for _, _, n in told])
    expected = np.quantile(minutes, 0.99, method="inverted_cdf")
    grade = peak(rows(told, 0.01))
    assert grade.k == expected
    assert grade.value == pytest.approx(expected * 0.01)
    assert grade.lo is not None
    assert grade.hi is not None
    assert grade.lo <= grade.value <= grade.hi


@given(MINUTES, st.randoms())
def test_the_order_of_rows_changes_nothing(told: list[tuple[int, int, int]], dice: Any) -> None:
    turned = list(told)
    dice.shuffle(turned)
    assert peak(rows(told, 0.01)) == peak(rows(turned, 0.01))


def test_the_interval_is_that_of_resampled_days() -> None:
    """Drawn day by day, minute by minute, as a plain program would."""
    told = [(day, calls, n) for day in range(10) for calls, n in ((5 + day, 20), (20 + 3 * day, 2))]
    random, drawn = np.random.default_rng(3), []
    of_day: list[NDArray[Any]] = [
        np.repeat([calls for d, calls, _ in told if d == day], [n for d, _, n in told if d == day])
        for day in range(10)
    ]
    for _ in range(4000):
        minutes = np.concatenate([of_day[day] for day in random.integers(0, 10, 10)])
        drawn.append(np.quantile(minutes, 0.99, method="inverted_cdf"))
    grade = peak(rows(told, 1.0))
    assert (grade.lo, grade.hi) == pytest.approx(np.quantile(drawn, [0.05, 0.95]), abs=3)


def test_a_row_of_counts_without_a_minute_has_no_calls() -> None:
    levels = np.array([3.0, 9.0])
    counts = np.array([[0.0, 0.0], [1.0, 0.0], [98.0, 2.0], [99.0, 1.0]])
    assert percentile(levels, counts).tolist() == [0.0, 3.0, 9.0, 3.0]


def test_the_tool_nearest_its_limit_counts() -> None:
    days = [(day, 10, 1) for day in range(10)]
    grade = peak(both(rows(days, 0.02), rows(days, 0.09, tool="billing")))
    assert (grade.value, grade.state) == (pytest.approx(0.9), "red")


def test_less_than_a_week_has_no_colour() -> None:
    days = [(day, 10, 1) for day in range(6)]
    assert peak(rows(days, 0.02)).state == "insufficient"
    assert peak(rows([*days, (6, 10, 1)], 0.02)).state == "green"


def test_calls_refused_now_are_red_at_any_number() -> None:
    told = rows([(0, 1, 1)], 0.01)
    assert peak(told | {"alarm": np.array([True])}).state == "red"


def test_red_needs_an_interval_above_half_the_limit() -> None:
    calm = [(day, 4, 1) for day in range(27)]
    grade = peak(rows([*calm, (27, 90, 1)], 0.01))
    assert (grade.value, grade.state) == (pytest.approx(0.9), "amber")
