"""The arithmetic of two weeks against scipy, worked values and its own rules."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.spatial.distance import jensenshannon

from queries.grading import newcombe
from queries.grading.comparison import (
    benjamini_hochberg,
    day_effect,
    detectable_drop,
    first_shifted,
    fisher_exact,
    mix_and_rate,
    p_of_difference,
    score_test,
    surprise,
)
from queries.grading.intervals import design_effect

SHARES = st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
P_VALUES = st.lists(st.floats(0, 1), max_size=40)
SEGMENTS = st.lists(st.tuples(SHARES, SHARES), min_size=1, max_size=8)


@given(SHARES, SHARES)
def test_the_score_test_is_scipys_chi_square(a: tuple[int, int], b: tuple[int, int]) -> None:
    table = [[a[0], a[1] - a[0]], [b[0], b[1] - b[0]]]
    p = score_test(*a, *b)
    if min(np.sum(table, axis=0)) == 0:
        assert p == 1
    else:
        assert p == pytest.approx(stats.chi2_contingency(table, correction=False).pvalue, abs=1e-12)


@given(SHARES, SHARES)
def test_fishers_test_is_scipys(a: tuple[int, int], b: tuple[int, int]) -> None:
    table = [[a[0], a[1] - a[0]], [b[0], b[1] - b[0]]]
    assert fisher_exact(*a, *b) == pytest.approx(stats.fisher_exact(table).pvalue, rel=1e-6)


def test_a_drop_of_ten_points() -> None:
    week = (150, 200, 170, 200)
    assert score_test(*week) == pytest.approx(0.012, abs=5e-4)
    assert fisher_exact(*week) == pytest.approx(0.017, abs=5e-4)
    assert newcombe(*week) == pytest.approx((-0.1773, -0.0215), abs=5e-5)


@pytest.mark.parametrize(
    ("week", "test"), [((38, 40, 30, 40), score_test), ((39, 40, 33, 40), fisher_exact)]
)
def test_few_expected_events_ask_for_the_exact_test(
    week: tuple[int, int, int, int], test: type
) -> None:
    assert p_of_difference(*week) == test(*week)


def test_four_of_five_are_kept() -> None:
    kept = benjamini_hochberg([0.20, 0.001, 0.04, 0.021, 0.012], 0.10)
    assert kept.tolist() == [False, True, True, True, True]
    assert benjamini_hochberg([], 0.10).tolist() == []


@given(P_VALUES, st.floats(0.01, 0.5))
def test_kept_are_scipys(p_values: list[float], q: float) -> None:
    if p_values:
        adjusted = stats.false_discovery_control(p_values)
        clear = np.abs(adjusted - q) > 1e-9
        assert (benjamini_hochberg(p_values, q) == (adjusted <= q))[clear].all()


@given(P_VALUES, st.floats(0.01, 0.5))
def test_keeping_is_monotone(p_values: list[float], q: float) -> None:
    kept = benjamini_hochberg(p_values, q)
    smaller = benjamini_hochberg([p / 2 for p in p_values], q)
    assert (smaller >= kept).all()
    assert (benjamini_hochberg(p_values, min(1, 2 * q)) >= kept).all()
    worst_kept = max((p for p, keep in zip(p_values, kept, strict=True) if keep), default=-1)
    assert all(keep == (p <= worst_kept) for p, keep in zip(p_values, kept, strict=True))


def test_both_channels_improve_and_the_whole_falls() -> None:
    terms = mix_and_rate([720, 120], [800, 200], [364, 372], [400, 600])
    total = terms.rate.sum() + terms.mix.sum()
    assert (terms.rate.sum(), terms.mix.sum(), total) == pytest.approx((0.014, -0.118, -0.104))


@given(SEGMENTS)
def test_rate_and_mix_add_up_to_the_change(
    segments: list[tuple[tuple[int, int], tuple[int, int]]],
) -> None:
    k0, n0, k1, n1 = np.array([[*before, *last] for before, last in segments]).T
    terms = mix_and_rate(k0, n0, k1, n1)
    change = k1.sum() / n1.sum() - k0.sum() / n0.sum()
    assert terms.rate.sum() + terms.mix.sum() == pytest.approx(change, abs=1e-12)


@given(SEGMENTS, SHARES, st.booleans())
def test_a_segment_of_one_week_is_mix(
    segments: list[tuple[tuple[int, int], tuple[int, int]]], own: tuple[int, int], is_new: bool
) -> None:
    k0, n0, k1, n1 = np.array([[*before, *last] for before, last in segments]).T
    k, n = own
    k0, k1 = (np.append(counts, k * flag) for counts, flag in ((k0, not is_new), (k1, is_new)))
    n0, n1 = (np.append(counts, n * flag) for counts, flag in ((n0, not is_new), (n1, is_new)))
    terms = mix_and_rate(k0, n0, k1, n1)
    change = k1.sum() / n1.sum() - k0.sum() / n0.sum()
    assert terms.rate[-1] == 0
    assert terms.rate.sum() + terms.mix.sum() == pytest.approx(change, abs=1e-12)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=2, max_size=8))
def test_surprise_is_scipys(pairs: list[tuple[int, int]]) -> None:
    before, after = zip(*pairs, strict=True)
    told = surprise(before, after)
    if not sum(before) or not sum(after):
        assert told == 0
    else:
        assert told == pytest.approx(jensenshannon(before, after, base=2) ** 2, abs=1e-9)


@given(st.lists(st.integers(0, 30).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))))
def test_the_effect_of_days_is_that_of_the_subjects(days: list[tuple[int, int]]) -> None:
    failed = np.array([i < k for k, n in days for i in range(n)], dtype=bool)
    labels = np.array([day for day, (_, n) in enumerate(days) for _ in range(n)], dtype=int)
    told = day_effect([k for k, _ in days], [n for _, n in days])
    assert told == pytest.approx(design_effect(failed, labels))


def test_four_days_with_one_outage() -> None:
    assert day_effect([0, 0, 0, 10], [25] * 4) == pytest.approx(11.11, abs=0.005)


def test_the_first_day_of_the_later_part() -> None:
    assert first_shifted([9, 9, 9, 9, 5, 4, 5], [10] * 7) == 4
    assert first_shifted([0, 9, 4], [0, 10, 10]) == 2
    assert first_shifted([3], [10]) == 0


def test_what_a_quiet_week_of_200_segments_can_hide() -> None:
    drop = detectable_drop(0.90, 100, 0.10 / 200, 0.8)
    assert drop == pytest.approx(0.254)
    assert detectable_drop(0.10, 30, 0.0005, 0.8) is None
    assert detectable_drop(0.0, 30, 0.0005, 0.8) is None
    dice = np.random.default_rng(4)
    before, last = dice.binomial(100, 0.90, 4000), dice.binomial(100, 0.90 - drop, 4000)
    found = [score_test(k1, 100, k0, 100) <= 0.0005 for k0, k1 in zip(before, last, strict=True)]
    assert np.mean(found) == pytest.approx(0.8, abs=0.05)
