"""The arithmetic of the scorecard against scipy, worked values and its own rules."""

from __future__ import annotations

import math
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from queries.grading import ESTIMATORS, Limits, clean_needed, month_end, newcombe, wilson
from queries.grading.intervals import design_effect, two_limit, zero_bound
from queries.grading.projection import remaining, t_quantile
from queries.grading.survival import still_open

SHARES = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def verdict(k: int, n: int, amber: float, red: float, n_min: int) -> str:
    return two_limit(k / n, *wilson(k, n), n, Limits(amber, red, n_min))


@given(SHARES)
def test_wilson_is_scipys(case: tuple[int, int]) -> None:
    k, n = case
    expected = stats.binomtest(k, n).proportion_ci(method="wilson")
    assert wilson(k, n) == pytest.approx((expected.low, expected.high), abs=1e-9)


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [(6, 100, 2.8, 12.5), (3, 100, 1.0, 8.5), (38, 40, 83.5, 98.6), (34, 40, 70.9, 92.9)],
)
def test_wilson_worked_values(k: int, n: int, low: float, high: float) -> None:
    assert [round(100 * side, 1) for side in wilson(k, n)] == [low, high]


@pytest.mark.parametrize(
    ("k", "n", "amber", "red", "n_min", "state"),
    [
        (6, 100, 0.01, 0.05, 30, "red"),
        (3, 100, 0.02, 0.05, 30, "amber"),
        (0, 100, 0.02, 0.05, 30, "green"),
        (0, 50, 0.02, 0.05, 30, "amber"),
        (0, 20, 0.02, 0.05, 30, "insufficient"),
        (2, 200, 0.005, 0.02, 100, "amber"),
        (4, 19, 0.05, 0.20, 20, "insufficient"),
        (7, 25, 0.10, 0.30, 20, "amber"),
    ],
)
def test_two_limit_worked_values(
    k: int, n: int, amber: float, red: float, n_min: int, state: str
) -> None:
    assert verdict(k, n, amber, red, n_min) == state


@given(SHARES)
def test_more_clean_subjects_never_turn_green_red(case: tuple[int, int]) -> None:
    order = ["green", "amber", "red"]
    before = order.index(verdict(*case, 0.02, 0.10, 0))
    assert order.index(verdict(case[0], case[1] + 50, 0.02, 0.10, 0)) <= before


@given(SHARES)
def test_good_rates_mirror_bad_rates(case: tuple[int, int]) -> None:
    k, n = case
    low, high = wilson(n - k, n)
    good = two_limit(1 - k / n, low, high, n, Limits(0.90, 0.60, 30, good_is_high=True))
    assert good == verdict(k, n, 0.10, 0.40, 30)


@pytest.mark.parametrize(
    ("red", "needed"), [(0.10, 35), (0.05, 73), (0.02, 189), (0.01, 381), (0.005, 765)]
)
def test_clean_subjects_needed(red: float, needed: int) -> None:
    assert clean_needed(red) == needed
    assert verdict(0, needed, red / 2, red, 0) == "green"
    assert verdict(0, needed - 1, red / 2, red, 0) == "amber"


def test_zero_bound() -> None:
    assert zero_bound(120) == pytest.approx(0.0247, abs=1e-4)


def test_newcombe_worked_values() -> None:
    assert newcombe(82, 100, 78, 100) == pytest.approx((-0.0714, 0.1504), abs=1e-4)
    assert newcombe(150, 200, 170, 200) == pytest.approx((-0.1773, -0.0215), abs=1e-4)


def test_clumped_days_shrink_the_sample() -> None:
    failed = np.repeat([False, True], [90, 10])
    days = np.repeat([1, 2, 3, 4], 25)
    assert design_effect(failed, days) == pytest.approx(11.111, abs=1e-3)
    assert 100 / design_effect(failed, days) == pytest.approx(9.0, abs=1e-2)
    assert design_effect(failed, np.repeat([1, 2], 50)) == 1
    assert design_effect(np.repeat([False, True], [96, 4]), days) == 1


@pytest.mark.parametrize(("horizon", "share"), [(0.5, 1.0), (1, 0.8333), (2, 0.5), (5, 0.25)])
def test_kaplan_meier_worked_values(horizon: float, share: float) -> None:
    waited = np.array([1.0, 2, 2, 5, 3, 6])
    ended = np.array([True, True, True, True, False, False])
    assert still_open(waited, ended, horizon)[0] == pytest.approx(share, abs=1e-4)


@given(
    st.lists(st.tuples(st.integers(1, 30), st.booleans()), min_size=2, max_size=60),
    st.integers(1, 30),
)
def test_kaplan_meier_is_scipys(cases: list[tuple[int, bool]], horizon: int) -> None:
    waited = np.array([float(time) for time, _ in cases])
    ended = np.array([done for _, done in cases])
    sample = stats.CensoredData(uncensored=waited[ended], right=waited[~ended])
    expected = stats.ecdf(sample).sf
    share, low, high = still_open(waited, ended, horizon)
    assert share == pytest.approx(float(expected.evaluate([horizon])[0]), abs=1e-9)
    assert 0 <= low <= share <= high <= 1


def test_the_interval_has_greenwoods_variance_and_wilsons_shape() -> None:
    waited, ended = np.array([1.0, 2, 2, 5, 3, 6]), np.array([True] * 4 + [False] * 2)
    sample = stats.CensoredData(uncensored=waited[ended], right=waited[~ended])
    band = stats.ecdf(sample).sf.confidence_interval(0.95, method="linear")
    deviation = (0.5 - band.low.evaluate([2.0])[0]) / stats.norm.ppf(0.975)
    known = 0.5 * 0.5 / deviation**2
    low, high = still_open(waited, ended, 2)[1:]
    assert (low, high) == pytest.approx(wilson(0.5 * known, known), abs=1e-9)


def test_without_open_cases_the_interval_is_that_of_a_share() -> None:
    waited = np.array([1.0] * 12 + [9.0] * 28)
    assert still_open(waited, np.array([True] * 40), 5)[1:] == pytest.approx(wilson(28, 40))


@pytest.mark.parametrize("free", [1, 2, 3, 7, 21, 49, 200])
@pytest.mark.parametrize("p", [0.9, 0.95, 0.975])
def test_t_quantile_is_scipys(p: float, free: int) -> None:
    assert t_quantile(p, free) == pytest.approx(stats.t.ppf(p, free), abs=1e-6)


def test_projection_worked_values() -> None:
    last = date(2026, 11, 10)
    found = month_end(
        {last - timedelta(days=i): 120.0 for i in range(28)}, last, date(2026, 11, 30)
    )
    assert (found.spent, found.centre, found.lo, found.hi) == (1200, 3600, 3600, 3600)
    weekdays, left = np.arange(28) % 7, np.arange(28, 48) % 7
    centre, half = remaining(np.array([100.0, 140.0] * 14), weekdays, left)
    assert (centre, half) == (pytest.approx(2400), pytest.approx(232.7, abs=0.1))


def test_projection_of_a_workflow_that_rests_on_weekends() -> None:
    last, end = date(2026, 11, 20), date(2026, 11, 30)
    days = [last - timedelta(days=i) for i in range(28)]
    found = month_end({day: 50.0 for day in days if day.weekday() < 5}, last, end)
    assert found.centre == pytest.approx(50 * 21)
    assert found.hi == pytest.approx(found.centre)


@pytest.mark.parametrize("days", [0, 1, 5, 13])
def test_short_history_gives_a_point_only(days: int) -> None:
    last = date(2026, 11, 10)
    costs = {last - timedelta(days=i): 10.0 for i in range(days)}
    found = month_end(costs, last, date(2026, 11, 30))
    assert found.lo is None
    assert found.hi is None
    assert found.centre == pytest.approx(min(days, 10) * 10 + (200 if days else 0))


def test_a_new_month_starts_at_zero() -> None:
    costs = {date(2026, 10, 31) - timedelta(days=i): 10.0 for i in range(28)}
    found = month_end(costs, date(2026, 10, 31), date(2026, 11, 30))
    assert (found.spent, found.centre) == (0, pytest.approx(300))


@pytest.mark.slow
def test_projection_covers_what_it_promises() -> None:
    random, covered, tries = np.random.default_rng(7), 0, 600
    weekday = np.array([1.2, 1.2, 1.1, 1.1, 1.0, 0.4, 0.3])
    spread = math.sqrt(math.log(1 + 0.25**2))
    for _ in range(tries):
        days = np.arange(48)
        cost = 100 * weekday[days % 7] * random.lognormal(-spread * spread / 2, spread, 48)
        centre, half = remaining(cost[:28], days[:28] % 7, days[28:] % 7)
        covered += half is not None and abs(cost[28:].sum() - centre) <= half
    assert 0.86 <= covered / tries <= 0.94


def test_one_alarm_is_red_at_any_number() -> None:
    rows = {"failed": np.zeros(3), "observed_on": np.zeros(3), "alarm": np.array([0, 0, 1])}
    assert ESTIMATORS["share"](rows, Limits(0.01, 0.05, 100)).state == "red"


def test_a_held_item_keeps_a_census_from_green() -> None:
    rows = {"failed": np.array([0, 1]), "filled": np.array([1.0, 0]), "counted": np.array([1.0, 0])}
    grade = ESTIMATORS["census"](rows, Limits(1, 0.8, good_is_high=True))
    assert (grade.value, grade.state) == (1.0, "amber")


@pytest.mark.parametrize(("days", "state"), [(90, "green"), (120, "amber"), (181, "red")])
def test_age_takes_the_oldest_duty(days: float, state: str) -> None:
    grade = ESTIMATORS["age"]({"amount": np.array([3.0, days])}, Limits(90, 180))
    assert (grade.value, grade.state) == (days, state)


def test_a_duty_never_done_is_red() -> None:
    grade = ESTIMATORS["age"]({"amount": np.array([3.0, math.nan])}, Limits(90, 180))
    assert (grade.value, grade.state) == (None, "red")
