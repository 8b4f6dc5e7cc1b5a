"""Faults planted in generated workflows: all are found, and nobody else is accused."""

from __future__ import annotations

import pytest
from worlds import due, reds, world
from worlds.faults import FAULTS

import queries

SEEDS = range(20)


def test_every_check_that_data_can_answer_is_planted() -> None:
    measured = {name for name, check in queries.checks().items() if not check.unmeasured}
    assert {fault.check_id for seed in SEEDS for fault in due(seed)} == set(FAULTS) == measured


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_planted_is_found_and_nothing_else_is_red(seed: int) -> None:
    rows, planted = world(seed)
    red = reds(rows)
    assert planted.must - red == set()
    assert red - planted.must - planted.may == set()
