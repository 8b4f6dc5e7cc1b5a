"""Alignment of variants with a map: worked values, scipy's shortest path, runs that follow it."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse.csgraph import dijkstra

from queries.grading.alignment import END, ENTRY, align

MAP = [(a, b) for a, b in ("^A", "AB", "BC", "BX", "C$", "X$", "BH", "H$")]
STEPS = "ABC"
TRACES = st.text(alphabet=STEPS, max_size=6)
EDGES = st.sets(
    st.tuples(st.sampled_from(f"^{STEPS}"), st.sampled_from(f"{STEPS}$")), min_size=1, max_size=12
)


@pytest.mark.parametrize(
    ("trace", "cost", "fitness", "skipped", "inserted"),
    [
        ("AC", 1, 0.8, ("B",), ()),
        ("ABX", 0, 1.0, (), ()),
        ("ABQC", 1, 6 / 7, (), ("Q",)),
        ("", 3, 0.0, ("A", "B", "C"), ()),
        ("Q", 4, 0.0, ("A", "B", "C"), ("Q",)),
    ],
)
def test_worked_values(
    trace: str, cost: int, fitness: float, skipped: tuple[str, ...], inserted: tuple[str, ...]
) -> None:
    found = align(trace, MAP)
    assert found is not None
    assert found.fitness == pytest.approx(fitness)
    assert (found.cost, found.skipped, found.inserted) == (cost, skipped, inserted)


def test_no_path_through_the_map() -> None:
    assert align("A", [("^", "A"), ("A", "B")]) is None


def test_a_map_that_allows_to_do_nothing() -> None:
    found = align("", [("^", "$")])
    assert found is not None
    assert (found.cost, found.fitness) == (0, 1.0)


def shortest(trace: str, edges: set[tuple[str, str]]) -> float:
    """The cost by scipy; a free move weighs 1 there and a costly one 1,000."""
    states = [ENTRY, *STEPS, END]
    size = len(states)
    weights = np.full((size * (len(trace) + 1),) * 2, np.inf)
    for place in range(len(trace) + 1):
        for number, state in enumerate(states):
            here = place * size + number
            if place < len(trace):
                weights[here, here + size] = 1000
            for start, to in edges:
                if start == state:
                    there = place * size + states.index(to)
                    weights[here, there] = 1 if to == END else 1000
                    if place < len(trace) and trace[place] == to:
                        weights[here, there + size] = 1
    return float(np.floor(dijkstra(weights, indices=0)[-1] / 1000))


@given(TRACES, EDGES)
def test_the_cost_is_scipys_shortest_path(trace: str, edges: set[tuple[str, str]]) -> None:
    found = align(trace, edges)
    expected = shortest(trace, edges)
    assert (np.inf if found is None else found.cost) == expected
    if found:
        assert found.cost == len(found.skipped) + len(found.inserted)
        assert 0 <= found.fitness <= 1


@given(EDGES, st.randoms())
def test_what_follows_the_map_fits_it(edges: set[tuple[str, str]], dice: random.Random) -> None:
    at, trace = ENTRY, ""
    while at != END and len(trace) < 20:
        onward = sorted(to for start, to in edges if start == at)
        if not onward:
            return
        at = dice.choice(onward)
        trace += at.replace(END, "")
    found = align(trace, edges)
    assert at != END or (found is not None and found.cost == 0 and found.fitness == 1)
