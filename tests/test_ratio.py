"""Means and ratios with a studentised interval, against scipy, a plain loop and their own rules."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from queries.grading import ESTIMATORS, Limits
from queries.grading.ratio import RESAMPLES, SEED, by_day, studentised

Floats = NDArray[np.float64]
LIMITS = Limits(1, 1.25, 30)
PAIRS = st.lists(
    st.tuples(st.floats(0, 100, width=32), st.floats(0.5, 9, width=32)), min_size=2, max_size=40
)


def lognormal(n: int, cv: float, seed: int = 1) -> Floats:
    spread = math.sqrt(math.log(1 + cv * cv))
    return np.random.default_rng(seed).lognormal(-spread * spread / 2, spread, n)


def plain(values: Floats, weights: Floats) -> tuple[float, float]:
    """The same interval, one resample after the other."""
    order = np.lexsort((weights, values))
    values, weights = values[order], weights[order]

    def fit(index: Any) -> tuple[float, float]:
        v, w = values[index].tolist(), weights[index].tolist()
        r = sum(v) / sum(w)
        squares = sum((a - r * b) ** 2 for a, b in zip(v, w, strict=True))
        return r, math.sqrt(squares * len(v) / (len(v) - 1)) / sum(w)

    centre, error = fit(slice(None))
    random = np.random.default_rng(SEED)
    drawn = random.integers(0, len(values), (RESAMPLES, len(values)))
    t = [(r - centre) / (e or error) for r, e in map(fit, drawn)]
    below, above = np.quantile(t, [0.025, 0.975])
    return max(0.0, centre - above * error), centre - below * error


def test_the_interval_is_that_of_a_plain_loop() -> None:
    values, weights = lognormal(60, 1), lognormal(60, 0.5, seed=2)
    assert studentised(values, weights) == pytest.approx(plain(values, weights), rel=1e-9)


def test_the_mean_agrees_with_scipys_bca_on_smooth_data() -> None:
    values = np.random.default_rng(3).normal(10, 2, 200)
    expected = stats.bootstrap((values,), np.mean, rng=np.random.default_rng(4))
    low, high = expected.confidence_interval
    assert studentised(values) == pytest.approx((low, high), abs=0.06)


def test_many_rows_have_the_normal_interval() -> None:
    values = lognormal(5_000, 1)
    expected = stats.norm.interval(0.95, values.mean(), stats.sem(values))
    assert studentised(values) == pytest.approx(expected, rel=1e-9)


def test_skewed_costs_reach_further_up_than_down() -> None:
    values = lognormal(50, 2)
    low, high = studentised(values)
    assert high - values.mean() > values.mean() - low > 0


@given(PAIRS, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(pairs: list[tuple[float, float]], random: Any) -> None:
    shuffled = random.sample(pairs, len(pairs))
    first, second = (np.array(each, dtype=float).T for each in (pairs, shuffled))
    assert studentised(*first) == studentised(*second)


@given(PAIRS, st.floats(0.1, 50))
def test_the_unit_of_money_changes_nothing_else(
    pairs: list[tuple[float, float]], rate: float
) -> None:
    values, weights = np.array(pairs, dtype=float).T
    low, high = studentised(values, weights)
    assert studentised(values * rate, weights) == pytest.approx(
        (low * rate, high * rate), rel=1e-6, abs=1e-9
    )


@given(PAIRS)
def test_an_interval_is_finite_and_not_below_zero(pairs: list[tuple[float, float]]) -> None:
    low, high = studentised(*np.array(pairs, dtype=float).T)
    assert 0 <= low <= high + 1e-9 < math.inf


@pytest.mark.parametrize("value", [0.0, 0.5, 7.0])
def test_costs_without_spread_are_known_exactly(value: float) -> None:
    assert studentised(np.full(40, value)) == pytest.approx((value, value))


def test_one_costly_row_among_free_ones_has_a_finite_bound() -> None:
    low, high = studentised(np.array([5.0] + [0.0] * 99))
    assert 0 <= low < 0.05 < high < 1


def test_ratio_is_a_ratio_of_sums() -> None:
    rows = {"amount": np.array([1.0, 2.0, 9.0] * 20), "total": np.array([1.0, 4.0, 5.0] * 20)}
    grade = ESTIMATORS["ratio"](rows, LIMITS)
    assert (grade.k, grade.n, grade.value) == (240, 60, 1.2)
    assert grade.lo is not None
    assert grade.hi is not None
    assert grade.lo < 1.2 < grade.hi


@pytest.mark.parametrize(
    ("amount", "n", "state"),
    [(0.5, 40, "green"), (1.1, 40, "amber"), (2.0, 40, "red"), (2.0, 29, "insufficient")],
)
def test_ratio_is_held_to_both_limits(amount: float, n: int, state: str) -> None:
    rows = {"amount": np.full(n, amount), "total": np.ones(n)}
    assert ESTIMATORS["ratio"](rows, LIMITS).state == state


def test_high_may_be_good() -> None:
    rows = {"amount": np.full(40, 0.7), "total": np.ones(40)}
    assert ESTIMATORS["ratio"](rows, Limits(0.9, 0.8, 30, good_is_high=True)).state == "red"


def test_nothing_to_divide_by_has_no_number() -> None:
    rows = {"amount": np.ones(40), "total": np.zeros(40)}
    grade = ESTIMATORS["ratio"](rows, LIMITS)
    assert (grade.value, grade.lo, grade.state) == (None, None, "insufficient")


def test_days_are_summed_before_they_are_drawn() -> None:
    days = np.repeat(np.arange("2026-11-01", "2026-11-11", dtype="datetime64[D]"), 30)
    rows = {"amount": np.repeat(lognormal(10, 1), 30), "total": np.ones(300), "observed_on": days}
    by_run, daily = (ESTIMATORS[name](rows, Limits(1, 2)) for name in ("ratio", "ratio_by_day"))
    assert daily.n == 10
    assert daily.value == pytest.approx(by_run.value)
    assert daily.hi - daily.lo > 3 * (by_run.hi - by_run.lo)
    assert by_day(rows)["total"].tolist() == [30] * 10


def test_a_sampled_run_stands_for_others() -> None:
    rows = {"amount": np.array([1.0] * 30 + [4.0] * 10), "total": np.ones(40)}
    rows["sample_weight"] = np.array([1.0] * 30 + [9.0] * 10)
    grade = ESTIMATORS["ratio"](rows, LIMITS)
    assert grade.value == pytest.approx((30 + 360) / 120)
    assert grade.n == 40
