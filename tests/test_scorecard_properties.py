"""What must hold for every check: nothing is gained by missing data, row order, or more passes."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from random import Random
from typing import Any, NamedTuple

import polars as pl
import pytest
from columns_read import NULLABLE, Column, groups, read_by, read_for_rollups
from store_builder import AS_OF, build
from worlds import ailing
from worlds.clean import clean
from worlds.homes import home
from worlds.passing import add_passing

import queries
from ingest.schema import TABLES
from ingest.store import rollups
from queries.engine import Connection
from queries.rollup import SEVERITY, standing

pytestmark = pytest.mark.slow
LATER = AS_OF + timedelta(minutes=1)
EVENTS = ("runs", "steps", "approvals", "feedback", "costs", "external_counts", "drills", "changes")
PARTS = {0: "true", 1: "hash(rowid) % 2 = 0"}
GROUPS = groups()
Cells = dict[tuple[str, str], dict[str, Any]]

ALLOWED = {
    (
        "workflow_edges",
        "is_branch",
        "WF-4",
    ): "what the map does not call a branch need not be taken",
    (
        "workflows",
        "value_per_outcome_usd",
        "COST-5",
    ): "of two declared targets the other one is left",
    ("steps", "retry_after_ms", "INT-4"): "null says that the server named no time to wait",
    ("runs", "termination_reason", "MA-4"): "null says that the run ended on no limit",
    ("feedback", "resolution", "FB-4"): "an item that nobody ruled out is one more that counts",
}


class Story(NamedTuple):
    """A store with the results of yesterday, the columns it fills, and what today finds in it."""

    connection: Connection
    filled: set[Column]
    before: Cells


@pytest.fixture(scope="module")
def story() -> Story:
    """Healthy and ailing workflows, twice: to lose all of a column and half of it."""
    rows = ailing(seed=3, n_healthy=2, n_ailing=2)
    connection = build(rows)
    connection.execute("set threads = 1")
    for name in sorted({table for group in GROUPS for table, _ in group} | set(EVENTS)):
        connection.execute(f"alter table {name} rename to whole_{name}")
        connection.execute(f"create view {name} as from whole_{name}")
    results, _ = queries.evaluate(connection, AS_OF)
    connection.register("yesterday", results)
    connection.execute("insert into check_results by name select * from yesterday")
    filled = {
        (table, column)
        for table, column in NULLABLE
        if any(row.get(column) is not None for row in rows.get(table, []))
    }
    return Story(connection, filled, cells(queries.evaluate(connection, LATER)[0]))


def cells(results: pl.DataFrame) -> Cells:
    """Results by workflow and check."""
    return {(row["workflow"], row["check_id"]): row for row in results.iter_rows(named=True)}


def severity(row: dict[str, Any]) -> int:
    """How bad a result is: green, amber, unproven, red. What no longer applies is unproven."""
    state = {"waived": "amber", "not_applicable": "unproven"}.get(standing(row), standing(row))
    return SEVERITY.get(state, SEVERITY["unproven"])


def without(table: str, columns: list[str]) -> str:
    """The table without a column: all or half of it, as the number of the workflow says; all of
    what belongs to no workflow."""
    names = {column.name for column in TABLES[table].columns}
    whose = next((name for name in ("workflow", "scope", "run_id") if name in names), "'-0'")
    number = f"try_cast(regexp_extract({whose}, '-([0-9]+)', 1) as int) % {len(PARTS)}"
    lost = " ".join(f"when {part} then {rows}" for part, rows in PARTS.items())
    kept = (
        f"case when case {number} {lost} end then null else {name} end as {name}"
        for name in columns
    )
    return f"select * replace ({', '.join(kept)}) from whole_{table}"


def evaluated(
    connection: Connection, views: dict[str, str], is_rolled: bool, only: Collection[str]
) -> Cells:
    """What these checks find while tables are other than they were, and the totals with them."""
    for table, view in views.items():
        connection.execute(f"create or replace view {table} as {view}")
    if is_rolled:
        rollups.rebuild(connection)
    found = cells(queries.evaluate(connection, LATER, only)[0])
    for table in views:
        connection.execute(f"create or replace view {table} as from whole_{table}")
    if is_rolled:
        rollups.rebuild(connection)
    return found


def names_of(group: dict[Column, set[str]]) -> str:
    """How a group of columns is called: by the first, which most checks read."""
    return ".".join(next(iter(group)))


@pytest.mark.parametrize("group", GROUPS, ids=names_of)
def test_a_missing_field_never_improves_a_state(
    story: Story, group: dict[Column, set[str]]
) -> None:
    group = {column: own for column, own in group.items() if column in story.filled}
    readers = {check_id: column for column, own in group.items() for check_id in own}
    lost = {table: [name for whose, name in group if whose == table] for table, _ in group}
    views = {table: without(table, columns) for table, columns in lost.items()}
    is_rolled = bool(read_for_rollups() & set(group))
    after = evaluated(story.connection, views, is_rolled, readers)
    gained = [
        (*readers[cell[1]], *cell, story.before[cell]["state"], row["state"])
        for cell, row in after.items()
        if story.before[cell]["state"] != "not_applicable"
        and severity(row) < severity(story.before[cell])
        and (*readers[cell[1]], cell[1]) not in ALLOWED
    ]
    assert not gained


@pytest.mark.parametrize("emptied", [*((table,) for table in EVENTS), EVENTS], ids="+".join)
def test_a_red_check_whose_data_vanish_stays_red(story: Story, emptied: tuple[str, ...]) -> None:
    readers = [
        name
        for name, check in queries.checks().items()
        if set(emptied) & {table for table, _ in read_by(check)}
    ]
    views = {table: f"from whole_{table} limit 0" for table in emptied}
    after = evaluated(story.connection, views, True, readers)
    lost = [
        (*cell, row["state"])
        for cell, row in after.items()
        if story.before[cell]["state"] == "red" and standing(row) != "red"
    ]
    assert not lost
    assert all(row["state"] == "stale" for row in after.values() if row["held_state"])


@pytest.mark.parametrize("seed", range(2))
def test_the_order_of_rows_changes_nothing(seed: int) -> None:
    rows = ailing(seed, n_healthy=1, n_ailing=1)
    dice = Random(seed)
    shuffled = {name: dice.sample(table, len(table)) for name, table in rows.items()}
    (results, evidence), (again, evidence_again) = (
        queries.evaluate(build(each), AS_OF) for each in (rows, shuffled)
    )
    assert results.equals(again)
    assert evidence.equals(evidence_again)


@pytest.mark.parametrize("seed", range(2))
def test_more_passing_runs_never_turn_green_to_red(seed: int) -> None:
    dice = Random(seed)
    place = home(dice, 0, is_team=seed % 2 == 0)
    rows = clean(dice, place)
    before = cells(queries.evaluate(build(rows), AS_OF)[0])
    more = add_passing(dice, place, rows, share=dice.uniform(0.1, 0.5))
    after = cells(queries.evaluate(build(more), AS_OF)[0])
    turned = [
        cell
        for cell, row in before.items()
        if row["state"] == "green" and after[cell]["state"] == "red"
    ]
    assert not turned
