"""The chance of unseen kinds: worked values, a plain count, and what its interval covers."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from queries.grading import ESTIMATORS, Grade, Limits
from queries.grading.intervals import zero_bound
from queries.grading.species import unseen

KINDS = st.lists(st.sampled_from("abcdefghijklmnop"), min_size=1, max_size=80)


def judged(kinds: list[str], n_min: float = 0) -> Grade:
    rows = {"kind": np.array(kinds, dtype=object)}
    return ESTIMATORS["species"](rows, Limits(0.05, 0.15, n_min))


def repeated(*counts: int) -> list[str]:
    return [f"kind {number}" for number, n in enumerate(counts) for _ in range(n)]


def test_worked_values() -> None:
    assert judged(repeated(4, 2, 1, 1)).value == 0.25
    failures = judged(repeated(10, 5, 3, 1, 1), 20)
    assert (failures.k, failures.n, failures.value, failures.state) == (2, 20, 0.1, "amber")
    assert judged(repeated(10, 5, 2, 1, 1), 20).state == "insufficient"


def test_standard_error_worked_by_hand() -> None:
    half = 1.96 * math.sqrt(20 * (1 - 20 / 100) + 2 * 10) / 100
    assert unseen(100, 20, 10) == pytest.approx((0.20 - half, 0.20 + half), abs=1e-5)


def test_none_or_all_kinds_seen_once_prove_nothing() -> None:
    assert unseen(50, 0, 0) == (0.0, zero_bound(50))
    assert unseen(50, 50, 0) == (1 - zero_bound(50), 1.0)


@given(KINDS)
def test_the_value_is_a_plain_count(kinds: list[str]) -> None:
    grade = judged(kinds)
    assert grade.k == sum(n == 1 for n in Counter(kinds).values())
    assert grade.value == pytest.approx((grade.k or 0) / len(kinds))
    assert grade.lo is not None
    assert grade.hi is not None
    assert 0 <= grade.lo <= (grade.value or 0) <= grade.hi <= 1


@given(KINDS)
def test_more_of_what_is_known_never_makes_it_worse(kinds: list[str]) -> None:
    order = ["green", "amber", "red"]
    before, after = judged(kinds).state, judged(kinds + kinds).state
    assert order.index(after) <= order.index(before)
    assert judged(kinds[::-1]) == judged(kinds)


def test_the_interval_covers_what_it_promises() -> None:
    random, covered, tries, n = np.random.default_rng(7), 0, 400, 300
    shares = 1 / np.arange(1, 201)
    shares /= shares.sum()
    for _ in range(tries):
        counts = random.multinomial(n, shares)
        lo, hi = unseen(n, int((counts == 1).sum()), int((counts == 2).sum()))
        covered += lo <= shares[counts == 0].sum() <= hi
    assert 0.92 <= covered / tries <= 0.98
