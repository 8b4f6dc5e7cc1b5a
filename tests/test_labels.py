"""Silence, recurrence and trend against scipy and plain Python."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from queries.grading import ESTIMATORS, Grade, Limits
from queries.grading.exact import at_most, clopper_pearson
from queries.grading.labels import Fixed

FLAGS, FIXES, WEEKS = Limits(0.01, 0.05, 299), Limits(0.05, 1, 10), Limits(1.96, 1.96, 4)
TABLE = st.lists(
    st.integers(0, 40).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    min_size=2,
    max_size=9,
)


def silence(flags: int, runs: int) -> Grade:
    return ESTIMATORS["silence"]({"flagged": np.arange(runs) < flags}, FLAGS)


def recurrence(*categories: tuple[float, float, float, float]) -> Grade:
    names = ("events_before", "total_before", "events_after", "total_after")
    columns = zip(*categories, (math.nan,) * 4, strict=True)
    rows = dict(zip(names, (np.array(column) for column in columns), strict=True))
    return ESTIMATORS["recurrence"](rows, FIXES)


def trend(
    table: list[tuple[int, int]], slo: float = math.nan, segment: str = "", step: int = 1
) -> Grade:
    """Grade of weeks, each failures of labels; segments in turn where there are several."""
    week = np.concatenate([np.full(n, step * i) for i, (_, n) in enumerate(table)])
    failed = np.concatenate([np.arange(n) < k for k, n in table])
    segments = np.array([segment[i % len(segment)] if segment else "all" for i in range(len(week))])
    rows = {"week": week, "failed": failed, "segment": segments}
    return ESTIMATORS["trend"](rows | {"slo": np.full(len(week), slo)}, WEEKS)


@pytest.mark.parametrize(
    ("flags", "runs", "state"),
    [
        (0, 298, "insufficient"),
        (0, 299, "red"),
        (0, 400, "red"),
        (1, 400, "green"),
        (1, 1, "green"),
    ],
)
def test_silence_worked_values(flags: int, runs: int, state: str) -> None:
    grade = silence(flags, runs)
    assert (grade.k, grade.n, grade.state) == (flags, runs, state)
    assert silence(0, 400).value == pytest.approx(0.018, abs=5e-4)


@given(st.integers(0, 60), st.integers(0, 60), st.floats(0.001, 0.999))
def test_at_most_is_scipys(k: int, n: int, p: float) -> None:
    assert at_most(k, n, p) == pytest.approx(float(stats.binom.cdf(k, n, p)), abs=1e-9)


@pytest.mark.parametrize(("p", "expected"), [(0.0, 1.0), (1.0, 0.0)])
def test_at_most_of_certain_events(p: float, expected: float) -> None:
    assert at_most(3, 10, p) == expected
    assert at_most(10, 10, p) == 1


@given(st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_clopper_pearson_is_scipys(case: tuple[int, int]) -> None:
    expected = stats.binomtest(*case).proportion_ci(method="exact")
    assert clopper_pearson(*case) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_recurrence_worked_values() -> None:
    fixed = Fixed(12, 1000, 9, 1500)
    assert fixed.ratio == pytest.approx(0.5)
    assert fixed.p == pytest.approx(0.0849, abs=5e-5)
    assert [round(side, 2) for side in fixed.interval()] == [0.19, 1.29]
    grade = recurrence((12, 1000, 9, 1500))
    assert (grade.k, grade.n, grade.state) == (9, 12, "amber")


@given(st.integers(1, 80), st.integers(0, 80), st.integers(50, 5000), st.integers(50, 5000))
def test_the_interval_of_the_ratio_agrees_with_the_exact_test(
    before: int, after: int, exposed_before: int, exposed_after: int
) -> None:
    fixed = Fixed(before, exposed_before, after, exposed_after)
    low, high = fixed.interval()
    share = exposed_after / (exposed_after + exposed_before)
    test = stats.binomtest(after, after + before, share, alternative="less")
    assert fixed.p == pytest.approx(test.pvalue, abs=1e-9)
    assert low <= (fixed.ratio or 0) <= high
    assert (high < 1) is (fixed.p < 0.025) or abs(fixed.p - 0.025) < 1e-9


def test_the_category_least_shown_to_have_fallen_decides() -> None:
    falls, rises, rare = (40.0, 1e3, 4.0, 1e3), (12.0, 1e3, 14.0, 1e3), (3.0, 1e3, 9.0, 1e3)
    assert recurrence(falls, rare).state == "green"
    assert recurrence(falls, rises, rare) == recurrence(rare, rises, falls)
    assert recurrence(falls, rises).state == "red"
    assert recurrence(falls, (12.0, 1e3, 9.0, 1e3)).state == "amber"
    few = recurrence(rare)
    assert (few.n, few.value, few.state) == (3, pytest.approx(3), "insufficient")
    assert recurrence((0.0, 1e3, 1.0, 1e3)).value is None


@pytest.mark.parametrize(
    ("failed", "z", "state"),
    [
        ((24, 20, 14, 8), -3.253, "green"),
        ((20, 18, 14, 12), -1.708, "amber"),
        ((8, 14, 20, 24), 3.253, "red"),
    ],
)
def test_trend_worked_values(failed: tuple[int, ...], z: float, state: str) -> None:
    grade = trend([(k, 100) for k in failed])
    assert grade.value == pytest.approx(z, abs=5e-4)
    assert (grade.n, grade.state) == (4, state)
    assert trend([(k, 100) for k in failed[:3]]).state == "insufficient"


@settings(deadline=None)
@given(TABLE)
def test_trend_is_the_correlation_of_week_and_failure(table: list[tuple[int, int]]) -> None:
    if sum(n for _, n in table) == 0:
        return
    week = np.concatenate([np.full(n, i) for i, (_, n) in enumerate(table)]).astype(float)
    failed = np.concatenate([np.arange(n) < k for k, n in table]).astype(float)
    z = trend(table).value
    assert z is not None
    if week.std() == 0 or failed.std() == 0:
        assert z == 0
        return
    expected = float(stats.pearsonr(week, failed).statistic) * math.sqrt(len(week))
    assert z == pytest.approx(expected, abs=1e-6)
    assert trend(table, step=3).value == pytest.approx(z)
    assert trend(table[::-1]).value == pytest.approx(-z)


def test_both_the_whole_and_its_segments_must_move() -> None:
    down = [(24, 100), (20, 100), (14, 100), (8, 100)]
    assert trend(down, segment="ab").state == "green"
    week = np.repeat(np.arange(4), 100)
    harder = np.concatenate([np.arange(100) < chats for chats in (10, 30, 50, 70)])
    failed = np.where(harder, np.arange(400) % 2 == 0, np.arange(400) % 10 == 0)
    rows = {"week": week, "failed": failed, "slo": np.full(400, math.nan)}
    for segment, state in ((harder.astype(str), "amber"), (np.full(400, ""), "red")):
        assert ESTIMATORS["trend"](rows | {"segment": segment}, WEEKS).state == state


def test_a_declared_success_that_is_reached_is_enough() -> None:
    flat = [(5, 100)] * 4
    assert trend(flat).state == "amber"
    assert trend(flat, slo=0.95).state == "green"
    assert trend([(0, 100)] * 3 + [(6, 100)], slo=0.95).state != "green"
    assert trend([(0, 20)] * 4).state == "green"
