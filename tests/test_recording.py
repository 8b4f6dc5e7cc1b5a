"""Coverage against plain Python: the worst day, the weakest field."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from queries.grading import ESTIMATORS, Grade, Limits

LIMITS = Limits(0.98, 0.90, 100, good_is_high=True)
DAYS = st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300)), min_size=1, max_size=20)
FIELDS = st.lists(
    st.tuples(st.sampled_from("abcd"), st.integers(0, 60), st.integers(1, 60)),
    min_size=1,
    max_size=20,
)


def matched(days: list[tuple[int, int]]) -> Grade:
    amounts, totals = (np.array(column) for column in zip(*days, strict=True))
    return ESTIMATORS["matched"]({"amount": amounts, "total": totals}, LIMITS)


def weakest(fields: list[tuple[str, int, int]]) -> Grade:
    names, filled, counted = (np.array(column) for column in zip(*fields, strict=True))
    rows = {"subject": names, "filled": np.minimum(filled, counted), "counted": counted}
    return ESTIMATORS["weakest"](rows, LIMITS)


@pytest.mark.parametrize(
    ("traced", "counted", "state"),
    [
        (9_400, 10_000, "amber"),
        (9_800, 10_000, "green"),
        (10_200, 10_000, "green"),
        (10_201, 10_000, "amber"),
        (11_000, 10_000, "amber"),
        (8_999, 10_000, "red"),
        (3, 0, "red"),
    ],
)
def test_matched_worked_values(traced: int, counted: int, state: str) -> None:
    grade = matched([(traced, counted), (100, 100)])
    assert grade.state == state
    assert grade.value == pytest.approx(traced / max(counted, 1))


@given(DAYS)
def test_the_worst_day_is_the_farthest_from_one(days: list[tuple[int, int]]) -> None:
    grade, turned = matched(days), matched(days[::-1])
    worst = max(abs(a / max(t, 1) - 1) for a, t in days)
    assert grade.value is not None
    assert abs(grade.value - 1) == pytest.approx(worst)
    assert grade == turned


@given(DAYS, st.tuples(st.integers(0, 300), st.integers(0, 300)))
def test_another_day_never_makes_it_better(
    days: list[tuple[int, int]], more: tuple[int, int]
) -> None:
    order = ["green", "amber", "red"]
    assert order.index(matched([*days, more]).state) >= order.index(matched(days).state)


@given(FIELDS)
def test_the_weakest_field_is_the_smallest_share(fields: list[tuple[str, int, int]]) -> None:
    filled: dict[str, int] = defaultdict(int)
    counted: dict[str, int] = defaultdict(int)
    for name, some, of in fields:
        filled[name] += min(some, of)
        counted[name] += of
    grade = weakest(fields)
    assert grade.value == pytest.approx(min(filled[name] / counted[name] for name in counted))
    assert (grade.state == "insufficient") is (max(counted.values()) < LIMITS.n_min)
    assert weakest(fields[::-1]) == grade


def test_rows_that_count_nothing_are_evidence_only() -> None:
    rows = {
        "subject": np.array(["a", "b"]),
        "filled": np.array([99.0, 0]),
        "counted": np.array([100.0, 0]),
    }
    grade = ESTIMATORS["weakest"](rows, LIMITS)
    assert (grade.k, grade.n, grade.value, grade.state) == (99, 100, 0.99, "green")
