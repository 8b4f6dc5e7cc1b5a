"""What estimators make of columns that only some checks return."""

from __future__ import annotations

import numpy as np
import pytest

from queries.grading import ESTIMATORS, Limits
from queries.grading.intervals import design_effect


def test_something_else_than_days_may_clump() -> None:
    failed = np.repeat([False, True], [90, 10])
    rows = {"failed": failed, "observed_on": np.zeros(100), "cluster": np.repeat(list("abcd"), 25)}
    grade = ESTIMATORS["share"](rows, Limits(0.05, 0.20, 30))
    assert grade.n_eff == pytest.approx(100 / design_effect(failed, rows["cluster"]))
    assert grade.n_eff == pytest.approx(9.0, abs=1e-2)


@pytest.mark.parametrize(
    ("n", "held", "state"), [(40, False, "green"), (40, True, "amber"), (20, True, "insufficient")]
)
def test_a_held_subject_keeps_zero_tolerance_from_green(n: int, held: bool, state: str) -> None:
    rows = {"failed": np.zeros(n, dtype=bool), "held": np.repeat([False, held], [n - 1, 1])}
    assert ESTIMATORS["zero"](rows, Limits(0, 0, 30)).state == state


def test_a_breach_is_red_whatever_is_held() -> None:
    rows = {"failed": np.array([True, False]), "held": np.array([True, True])}
    assert ESTIMATORS["zero"](rows, Limits(0, 0, 30)).state == "red"


@pytest.mark.parametrize(("runs", "state"), [(29, "insufficient"), (30, "green")])
def test_items_say_nothing_before_enough_runs(runs: float, state: str) -> None:
    rows = {
        "failed": np.array([False] * 9 + [True]),
        "filled": np.array([1.0] * 9 + [0.0]),
        "counted": np.ones(10),
        "exposure": np.full(10, runs),
    }
    grade = ESTIMATORS["census"](rows, Limits(0.9, 0.6, 30, good_is_high=True))
    assert (grade.value, grade.n, grade.n_eff, grade.state) == (0.9, 10, runs, state)
