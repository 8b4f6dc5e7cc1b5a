"""The arithmetic of the cost checks: worked values, plain Python, and rules that always hold."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from queries.grading import ESTIMATORS, Grade, Limits, wilson
from queries.grading.money import dearest
from queries.grading.scaling import exponent, is_superlinear

GAP, BURN = Limits(0.05, 0.15, 7), Limits(3, 6, 20)
AMOUNTS = st.lists(st.floats(0, 50, width=32), min_size=1, max_size=60)


def gap(*lines: tuple[str, float, float], days: float = 31) -> Grade:
    subject, amount, total = (np.array(column) for column in zip(*lines, strict=True))
    rows = {"subject": subject, "amount": amount, "total": total, "days": np.full(len(lines), days)}
    return ESTIMATORS["gap"](rows, GAP)


def test_the_widest_gap_counts_in_both_directions() -> None:
    grade = gap(("a", 9100, 10_000), ("b", 5000, 5000), ("b", 300, 100))
    assert (grade.value, grade.k, grade.state) == (-0.09, 9100, "amber")
    grade = gap(("a", 9700, 10_000), ("b", 6000, 5000))
    assert (grade.value, grade.state) == (0.2, "red")


def test_models_of_one_provider_are_summed_first() -> None:
    assert gap(("a", 60, 100), ("a", 140, 100)).value == 0


def test_a_week_is_needed() -> None:
    assert gap(("a", 60, 100), days=6).state == "insufficient"
    assert gap(("a", 60, 100), days=7).state == "red"


def test_an_empty_invoice_is_no_match() -> None:
    assert (gap(("a", 60, 0)).value, gap(("a", 60, 0)).state) == (1.0, "red")


def burn(spent: float, recent: float, threshold: float, n: int = 24, hours: float = 6) -> Grade:
    allowed = 3000 / 720 * hours
    rows = {
        "amount": np.full(n, spent / n),
        "recent": np.full(n, recent / n),
        **{"allowed": np.full(n, allowed), "recent_allowed": np.full(n, allowed / 12)},
        **{"threshold": np.full(n, threshold), "budget": np.full(n, 3000.0)},
    }
    return ESTIMATORS["burn"](rows, BURN)


@pytest.mark.parametrize(
    ("spent", "recent", "threshold", "n", "hours", "state"),
    [
        (150, 12.5, 6, 24, 6, "red"),
        (150, 12.4, 6, 24, 6, "green"),
        (149, 12.5, 6, 24, 6, "green"),
        (150, 12.5, 6, 19, 6, "insufficient"),
        (60, 5, 14.4, 24, 1, "red"),
        (300, 25, 3, 24, 24, "amber"),
        (30, 30, 14.4, 24, 0.1, "red"),
        (29, 29, 14.4, 24, 0.1, "green"),
    ],
)
def test_both_windows_must_exceed(
    spent: float, recent: float, threshold: float, n: int, hours: float, state: str
) -> None:
    grade = burn(spent, recent, threshold, n, hours)
    assert grade.state == state
    assert grade.value == pytest.approx(spent / (3000 / 720 * hours))


def test_burn_worked_value() -> None:
    assert burn(150, 12.5, 6).value == pytest.approx(6.0)


def outcomes(costs: Any, succeeded: Any, target: float) -> Grade:
    n = len(costs)
    days = np.arange("2026-10-01", "2026-11-10", dtype="datetime64[D]")[np.arange(n) % 20]
    rows = {"amount": np.asarray(costs), "total": np.asarray(succeeded, float), "observed_on": days}
    return ESTIMATORS["per_success"](rows | {"target": np.full(n, target)}, Limits(1, 1.25, 30))


def test_failures_are_paid_by_the_successes() -> None:
    grade = outcomes(np.full(100, 0.5), np.arange(100) < 80, 0.625)
    assert (grade.k, grade.n, grade.value) == (50, 80, pytest.approx(1.0))
    assert grade.k / grade.n == pytest.approx(0.625)


def test_a_success_needs_thirty() -> None:
    assert outcomes(np.full(40, 0.5), np.arange(40) < 29, 1).state == "insufficient"
    assert outcomes(np.full(40, 0.5), np.zeros(40), 1).value is None


def waste(amounts: Any, totals: Any) -> Grade:
    rows = {"amount": np.asarray(amounts, float), "total": np.asarray(totals, float)}
    failed = {"failed": rows["amount"] > 0, "observed_on": np.zeros(len(rows["total"]))}
    return ESTIMATORS["wasted"](rows | failed, Limits(0.10, 0.25, 50))


def test_equal_runs_have_wilsons_interval() -> None:
    grade = waste([0.5] * 30 + [0.0] * 70, [0.5] * 100)
    assert (grade.value, grade.n_eff) == (pytest.approx(0.3), pytest.approx(100))
    assert (grade.lo, grade.hi) == pytest.approx(wilson(30, 100))
    assert grade.state == "red"


def test_a_few_dear_runs_show_less_than_many() -> None:
    grade = waste([0.0] * 100, [1.0] * 99 + [99.0])
    assert grade.n_eff == pytest.approx(198**2 / (99 + 99**2))
    assert (grade.value, grade.state) == (0, "amber")
    assert waste([0.0] * 100, [1.0] * 100).state == "green"
    assert waste([0.0] * 100, [0.0] * 100).state == "insufficient"


def test_the_tail_worked_value() -> None:
    costs = np.array([0.1] * 95 + [3.0] * 5)
    assert dearest(costs) == pytest.approx(0.6122, abs=1e-4)
    assert costs.max() / np.median(costs) == pytest.approx(30)


@given(AMOUNTS)
def test_the_dearest_hold_between_their_share_and_all(costs: list[float]) -> None:
    found = dearest(np.array(costs))
    assert 0 <= found <= 1 + 1e-9
    if sum(costs):
        assert found >= 0.05 - 1e-9


def tail(costs: list[float], cap: float, *, is_high: bool = False) -> str:
    n = len(costs)
    rows = {"amount": np.array(costs), "subject": np.arange(n).astype(str)}
    known = {"cap": np.full(n, cap), "is_high": np.full(n, is_high)}
    return ESTIMATORS["runaway"](rows | known, Limits(0.5, 1, 20)).state


@pytest.mark.parametrize(
    ("costs", "cap", "is_high", "state"),
    [
        ([0.1] * 30, 1.0, False, "green"),
        ([0.1] * 30, math.nan, False, "amber"),
        ([0.1] * 30, math.nan, True, "red"),
        ([0.1] * 95 + [3.0] * 5, 5.0, True, "amber"),
        ([0.1] * 3 + [3.0], 2.0, False, "red"),
        ([0.1] * 19, 1.0, False, "insufficient"),
    ],
)
def test_caps(costs: list[float], cap: float, is_high: bool, state: str) -> None:
    assert tail(costs, cap, is_high=is_high) == state


def scale(costs: Any, budget: float, fixed: float = 400, review: float = 0) -> Grade:
    costs = np.append(np.asarray(costs, float), np.nan)
    n = len(costs)
    days = np.full(n, np.datetime64("2026-11-20"))
    known = {"volume": 100_000.0, "fixed_usd": fixed, "review_usd": review, "budget": budget}
    rows = {"amount": costs, "observed_on": days}
    rows |= {name: np.full(n, value) for name, value in known.items()}
    return ESTIMATORS["scaled"](rows, Limits(1, 1, 100))


@pytest.mark.parametrize(
    ("budget", "state"),
    [(54_000, "green"), (53_999, "amber"), (53_000, "amber"), (50_400, "amber"), (50_399, "red")],
)
def test_target_volume_worked_values(budget: float, state: str) -> None:
    grade = scale([0.5] * 100, budget)
    assert grade.k == pytest.approx(50_400)
    assert grade.state == state


def test_the_interval_is_that_of_the_mean() -> None:
    random = np.random.default_rng(1)
    grade = scale(random.lognormal(-1, 1, 400), 100_000)
    assert grade.lo < grade.value < grade.hi
    assert scale([0.5] * 99, 100_000).state == "insufficient"
    assert scale([0.5] * 100, 100_000, fixed=0, review=0.5).value == pytest.approx(1.0)


def test_ten_times_the_runs_at_eleven_and_a_half_times_the_cost() -> None:
    runs = np.array([10.0, 100.0, 1000.0])
    slope, _ = exponent(runs, 20 * 11.5 ** np.log10(runs / 10))
    assert slope == pytest.approx(1.0607, abs=1e-4)


def test_the_exponent_is_scipys() -> None:
    random = np.random.default_rng(2)
    runs = random.uniform(10, 100, 30)
    costs = runs**1.3 * random.lognormal(0, 0.2, 30)
    expected = stats.linregress(np.log(runs), np.log(costs))
    half = stats.t.ppf(0.975, 28) * expected.stderr
    assert exponent(runs, costs) == pytest.approx((expected.slope, expected.slope - half))


@pytest.mark.parametrize(
    ("power", "days", "span", "shown"),
    [(1.3, 20, 5, True), (1.0, 20, 5, False), (1.3, 10, 5, False), (1.3, 20, 2, False)],
)
def test_growth_is_shown_over_days_and_volume(
    power: float, days: int, span: float, shown: bool
) -> None:
    counts = np.linspace(10, 10 * span, days).round().astype(int)
    labels = np.repeat(np.arange(days), counts)
    costs = np.repeat(counts ** (power - 1), counts)
    assert is_superlinear(labels, costs) is shown
