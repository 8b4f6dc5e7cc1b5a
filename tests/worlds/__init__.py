"""Generated worlds: healthy workflows with planted faults, and how many the scorecard finds."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random
from typing import NamedTuple

import polars as pl
from store_builder import AS_OF, Rows, build

import queries
from worlds.clean import clean
from worlds.faults import FAULTS, Fault, clashes
from worlds.homes import home

FAULTS_PER_WORLD = 3
TEAMS = 0.3
Cell = tuple[str, str]


class Planted(NamedTuple):
    """Cells (workflow, check) that must be red, and those that may be for the same reason."""

    must: frozenset[Cell]
    may: frozenset[Cell]


def due(seed: int) -> list[Fault]:
    """The faults of a world: all of them in turn, in a new order every round."""
    chosen = []
    for place in range(seed * FAULTS_PER_WORLD, (seed + 1) * FAULTS_PER_WORLD):
        turn, position = divmod(place, len(FAULTS))
        chosen.append(Random(turn).sample(sorted(FAULTS), len(FAULTS))[position])
    return [FAULTS[check_id] for check_id in dict.fromkeys(chosen)]


def world(seed: int) -> tuple[Rows, Planted]:
    """Two to four workflows, more where faults clash, the first healthy, and what is wrong."""
    dice = Random(seed)
    n_workflows = dice.randint(2, 4)
    sick: dict[int, list[Fault]] = {}
    for fault in due(seed):
        free = [n for n in range(1, n_workflows) if not clashes(fault, sick.get(n, []))]
        sick.setdefault(dice.choice(free or [max(n_workflows, *sick) + 1]), []).append(fault)
    parts, must, may = [], set(), set()
    for number in sorted({*range(n_workflows), *sick}):
        faults = sick.get(number, [])
        is_team = any(fault.needs_team for fault in faults) or dice.random() < TEAMS
        place = home(dice, number, is_team)
        parts.append(with_faults(dice, clean(dice, place), faults))
        must |= {(place.workflow, fault.check_id) for fault in faults}
        may |= {(place.workflow, other) for fault in faults for other in fault.also}
    return merged(parts), Planted(frozenset(must), frozenset(may - must))


def ailing(seed: int, n_healthy: int, n_ailing: int) -> Rows:
    """Small teams: the first without a fault, the others each with every fault there is."""
    dice = Random(seed)
    parts = []
    for number in range(n_healthy + n_ailing):
        place = home(dice, number, is_team=True)._replace(runs_per_day=5, failures=20)
        faults = sorted(FAULTS.values()) if number >= n_healthy else []
        parts.append(with_faults(dice, clean(dice, place), faults))
    return merged(parts)


def with_faults(dice: Random, rows: Rows, faults: Iterable[Fault]) -> Rows:
    """The rows of a workflow once the faults are planted, in place."""
    for fault in faults:
        fault.plant(dice, rows)
    return rows


def merged(parts: Iterable[Rows]) -> Rows:
    """The tables of several workflows in one."""
    whole: Rows = {}
    for rows in parts:
        for name, table in rows.items():
            whole.setdefault(name, []).extend(table)
    return whole


def reds(rows: Rows) -> frozenset[Cell]:
    """The cells the scorecard colours red."""
    connection = build(rows)
    connection.execute("set threads = 1")
    results, _ = queries.evaluate(connection, AS_OF)
    return frozenset(results.filter(state="red").select("workflow", "check_id").rows())


def score(seeds: Iterable[int]) -> pl.DataFrame:
    """Per check: how often it was planted and found, and how often it was red without cause."""
    counts = {check_id: [0, 0, 0] for check_id in queries.checks()}
    for seed in seeds:
        rows, planted = world(seed)
        red = reds(rows)
        for place, cells in enumerate(
            (planted.must, planted.must & red, red - planted.must - planted.may)
        ):
            for _, check_id in cells:
                counts[check_id][place] += 1
    return pl.DataFrame(
        [(check_id, *found) for check_id, found in counts.items()],
        schema=["check_id", "planted", "found", "false"],
        orient="row",
    )
