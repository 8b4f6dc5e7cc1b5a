"""Repeated tasks against enumeration: every way to draw runs of a task."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queries.grading import ESTIMATORS, Grade, Limits
from queries.grading.repetition import flakiness, pass_hat

LIMITS = Limits(0.05, 0.15, 10)
TASK = st.lists(st.sampled_from([True, False, None]), min_size=4, max_size=7)
TASKS = st.lists(TASK, min_size=2, max_size=12)


def repeatable(tasks: list[list[bool | None]]) -> Grade:
    """Grade of tasks, each a list of runs that passed, failed, or ended nobody knows how."""
    runs = [(f"t{number}", run) for number, task in enumerate(tasks) for run in task]
    columns = {
        "task": np.array([name for name, _ in runs]),
        "failed": np.array([run is not True for _, run in runs]),
        "known": np.array([run is not None for _, run in runs]),
    }
    return ESTIMATORS["repeatable"](columns, LIMITS)


def counts(*passed: int, runs: int = 4) -> list[list[bool | None]]:
    return [[i < good for i in range(runs)] for good in passed]


@pytest.mark.parametrize(
    ("in_a_row", "expected"), [(1, 0.8125), (2, 2 / 3), (3, 0.5625), (4, 0.50)]
)
def test_pass_hat_worked_values(in_a_row: int, expected: float) -> None:
    found = [pass_hat(passed, 4, in_a_row) for passed in (4, 4, 3, 2)]
    assert sum(found) / 4 == pytest.approx(expected)


def test_the_worked_tasks() -> None:
    grade = repeatable(counts(4, 4, 3, 2))
    assert (grade.value, grade.n, grade.state) == (0.25, 4, "insufficient")
    assert grade.k == 3.25
    assert flakiness(3.25 / 4, 0.25) == pytest.approx(0.905, abs=5e-4)
    assert flakiness(1, 0) == flakiness(0, 0) == 0


@given(st.integers(3, 7), st.integers(0, 7), st.integers(1, 3))
def test_pass_hat_is_the_share_of_draws_that_all_pass(runs: int, good: int, row: int) -> None:
    drawn = list(combinations([i < good for i in range(runs)], row))
    share = sum(all(draw) for draw in drawn) / len(drawn)
    assert pass_hat(min(good, runs), runs, row) == pytest.approx(share)


@settings(deadline=None)
@given(TASKS)
def test_an_unknown_end_never_improves_and_order_changes_nothing(
    tasks: list[list[bool | None]],
) -> None:
    grade = repeatable(tasks)
    assert grade.value is not None
    for known in (True, False):
        told = [[known if run is None else run for run in task] for task in tasks]
        better = repeatable(told)
        assert better.value is not None
        assert better.value <= grade.value + 1e-12
    turned = repeatable([task[::-1] for task in tasks])
    assert (turned.value, turned.lo, turned.hi) == (grade.value, grade.lo, grade.hi)


@settings(deadline=None)
@given(TASKS)
def test_the_interval_is_one_of_a_loss(
    tasks: list[list[bool | None]],
) -> None:
    grade = repeatable(tasks)
    assert grade.value is not None
    assert grade.lo is not None
    assert grade.hi is not None
    assert 0 <= grade.lo <= grade.hi <= 0.5
    assert 0 <= grade.value <= 0.5


def test_tasks_run_fewer_than_four_times_do_not_count() -> None:
    grade = repeatable([[True, False, True]] * 20)
    assert (grade.value, grade.n, grade.state) == (None, 0, "insufficient")
    assert repeatable(counts(2)).state == "insufficient"


def test_ten_coins_are_red_and_ten_certainties_green() -> None:
    assert repeatable(counts(*[2] * 10)).state == "red"
    assert repeatable(counts(*[4] * 10)).state == "green"
    assert repeatable(counts(*[0] * 10)).state == "green"
    assert repeatable(counts(*[4] * 10)).hi == pytest.approx(0.136, abs=1e-3)
    assert repeatable(counts(*[4] * 8, 2, 3)).state == "amber"


@pytest.mark.slow
@pytest.mark.parametrize("certain", [0.97, 0.9, 0.8, 0.5])
def test_the_interval_covers_what_it_promises(certain: float) -> None:
    random, tries, covered = np.random.default_rng(7), 150, 0
    truth = (1 - certain) * (0.5 - 0.5**3)
    for _ in range(tries):
        chance = np.where(random.random(20) < certain, 1.0, 0.5)
        grade = repeatable(counts(*random.binomial(4, chance).tolist()))
        assert grade.lo is not None
        assert grade.hi is not None
        covered += grade.lo <= truth <= grade.hi
    assert covered / tries >= 0.9
