"""Which columns a statement reads, as the database plans it."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import duckdb
from store_builder import AS_OF, build

from ingest.schema import TABLES
from ingest.store.statements import SQL
from queries.catalog import statement
from queries.rules import FOLDER, Check, checks
from queries.sampling import RATES

Column = tuple[str, str]
GIVEN = {
    "by": None,
    "item": None,
    "since": AS_OF,
    "as_of": AS_OF,
    "n_min": 1,
    "limit_a": 0.1,
    "limit_r": 0.1,
}
NULLABLE = {
    (table.name, column.name)
    for table in TABLES.values()
    for column in table.columns
    if not column.required
}


@cache
def _planner() -> duckdb.DuckDBPyConnection:
    """A store without rows that drops columns nobody reads, and optimises nothing else."""
    connection = build({})
    names = [name for (name,) in connection.sql("select name from duckdb_optimizers()").fetchall()]
    others = ",".join(name for name in names if name != "unused_columns")
    connection.execute(f"set disabled_optimizers = '{others}'")
    return connection


@cache
def columns_read(sql: str) -> set[Column]:
    """The columns that the first statement reads from tables."""
    names = duckdb.extract_statements(sql)[0].named_parameters
    given = {name: GIVEN[name] for name in names}
    plan = _planner().execute(f"explain (format json) {sql}", given).fetchall()[0][1]
    return {column for node in json.loads(plan) for column in _scanned(node)}


def _scanned(node: dict[str, Any]) -> set[Column]:
    found = {column for child in node["children"] for column in _scanned(child)}
    info = node["extra_info"]
    if "Table" in info:
        names = info.get("Projections", [])
        table = info["Table"].rpartition(".")[2]
        found |= {(table, name) for name in ([names] if isinstance(names, str) else names)}
    return found


def _shared(name: str) -> set[Column]:
    return columns_read(statement((FOLDER / f"{name}.sql").read_text("utf-8")))


@cache
def read_for_rollups() -> set[Column]:
    """The columns that the totals of costs and runs are made of."""
    scripts = [(SQL / f"{name}.sql").read_text("utf-8") for name in ("rollup_costs", "rollup_runs")]
    found: set[Column] = set()
    for script in scripts:
        for each in duckdb.extract_statements(script):
            if each.type == duckdb.StatementType.INSERT:
                found |= columns_read(each.query)
    return found


def read_by(check: Check) -> set[Column]:
    """The columns of loaded tables on which the result of a check can depend."""
    read = columns_read(check.sql) | _shared("workflows") | {("runs", "sample_prob")}
    read |= {(need.table, need.field or "") for need in check.needs}
    if check.estimator in RATES:
        read |= _shared("sampled")
    if {check.applies, *(need.table for need in check.needs)} - {None, "multi", *TABLES}:
        read |= _shared("present")
    if any(table.startswith("rollup_") for table, _ in read):
        read |= read_for_rollups()
    return {column for column in read if not column[0].startswith("rollup_")}


def groups() -> list[dict[Column, set[str]]]:
    """Nullable columns with the checks that read them, no check twice in a group."""
    readers: dict[Column, set[str]] = {}
    for check in checks().values():
        for column in read_by(check) & NULLABLE:
            readers.setdefault(column, set()).add(check.id)
    packed: list[dict[Column, set[str]]] = []
    for column, own in sorted(readers.items(), key=lambda item: (-len(item[1]), item[0])):
        room = (one for one in packed if not any(own & others for others in one.values()))
        group = next(room, None)
        if group is None:
            packed.append(group := {})
        group[column] = own
    return packed
