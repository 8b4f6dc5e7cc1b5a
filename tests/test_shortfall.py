"""Days of records that are lacking, and records that no longer open."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from queries.grading import ESTIMATORS, Grade, Limits


def judged(short: float, opened: int, tried: int) -> Grade:
    rows = {
        "amount": np.array([short, *[math.nan] * tried]),
        "failed": np.array([short > 0, *[i >= opened for i in range(tried)]]),
    }
    return ESTIMATORS["shortfall"](rows, Limits(0, 0.10))


@pytest.mark.parametrize(
    ("short", "opened", "tried", "state"),
    [
        (min(183, 200) - 120, 20, 20, "red"),
        (0, 20, 20, "green"),
        (-40, 20, 20, "green"),
        (0, 19, 20, "amber"),
        (0, 18, 20, "amber"),
        (0, 17, 20, "red"),
        (0, 5, 5, "green"),
        (0, 9, 10, "amber"),
        (0, 4, 5, "red"),
        (1, 20, 20, "red"),
    ],
)
def test_worked_values(short: float, opened: int, tried: int, state: str) -> None:
    grade = judged(short, opened, tried)
    assert (grade.value, grade.state) == (max(0, short), state)
    assert (grade.k, grade.n) == (opened, tried)


def test_nothing_to_open_is_no_pass() -> None:
    assert judged(0, 0, 0).state == "insufficient"
    assert judged(1, 0, 0).state == "red"


@given(
    st.integers(-50, 50),
    st.integers(1, 20).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
)
def test_worse_records_are_never_judged_better(short: int, case: tuple[int, int]) -> None:
    order = ["green", "amber", "red"]
    opened, tried = case
    here = order.index(judged(short, opened, tried).state)
    assert order.index(judged(short + 1, opened, tried).state) >= here
    if opened:
        assert order.index(judged(short, opened - 1, tried).state) >= here
