"""Stores made of plain rows, for tests: dicts of the columns that matter, the rest filled in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from ingest.schema import TABLES, Table
from ingest.store import rollups

AS_OF = datetime.fromisoformat("2026-11-24T18:00")
Rows = dict[str, list[dict[str, Any]]]

DEFAULTS: dict[str, dict[str, Any]] = {
    "runs": {
        "workflow": "refunds",
        "stage": "pilot",
        "time_source": "reported",
        "status": "ok",
        "outcome": "success",
        "outcome_source": "label",
        "n_steps": 1,
        "n_llm_calls": 0,
        "n_tool_calls": 0,
        "n_agents": 1,
    },
    "steps": {
        "workflow": "refunds",
        "stage": "pilot",
        "seq": 0,
        "depth": 0,
        "kind": "tool",
        "name": "call",
        "status": "ok",
        "in_band_error": False,
        "has_input": True,
        "has_output": True,
        "has_rationale": False,
    },
    "feedback": {"target_kind": "run", "source": "end_user", "name": "flag"},
    "approvals": {"action": "refund", "is_seeded_test": False},
    "workflows": {"stage": "pilot"},
    "drills": {"passed": True},
}
BLANKS: dict[str, Any] = {
    "text": "-",
    "json": "{}",
    "int": 0,
    "float": 0.0,
    "bool": False,
    "time": AS_OF,
    "date": AS_OF.date(),
    "decimal": 0,
}


def build(rows: Rows, as_of: datetime = AS_OF) -> duckdb.DuckDBPyConnection:
    """An in-memory database with every table, the rows given, and the rollups."""
    connection = duckdb.connect()
    fill(connection, rows, as_of)
    return connection


def build_store(folder: Path, rows: Rows, as_of: datetime = AS_OF) -> Path:
    """A store folder: CURRENT and ops.1.duckdb."""
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(folder / "ops.1.duckdb") as connection:
        fill(connection, rows, as_of)
    (folder / "CURRENT").write_text("ops.1.duckdb\n")
    return folder


def fill(connection: duckdb.DuckDBPyConnection, rows: Rows, as_of: datetime) -> None:
    """Create every table and insert the rows; missing required columns get a blank."""
    state = {"as_of": as_of, "generation": 1, "published_at": as_of, "schema_version": 1}
    for name, table in TABLES.items():
        connection.execute(table.ddl())
        given = [state] if name == "store_state" and rows else rows.get(name, [])
        if given:
            frame = pl.DataFrame(list(_whole(table, given)), schema=table.polars())
            connection.register("given_rows", frame)
            connection.execute(f"insert into {name} by name select * from given_rows")
            connection.unregister("given_rows")
    rollups.rebuild(connection)


def _whole(table: Table, rows: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    blank: dict[str, Any] = dict.fromkeys(column.name for column in table.columns)
    for column in table.columns:
        if column.required:
            blank[column.name] = BLANKS.get(column.kind, 0)
    blank |= DEFAULTS.get(table.name, {})
    own_id = f"{table.name.rstrip('s')}_id"
    for number, row in enumerate(rows):
        unknown = row.keys() - blank.keys()
        assert not unknown, f"{table.name} has no column {unknown}"
        named = {own_id: f"{table.name}-{number}"} if own_id in blank else {}
        yield blank | named | row


def run_row(run_id: str, day: date | datetime, **columns: Any) -> dict[str, Any]:
    """A run of 30 seconds that started at noon of the day, or at the time given."""
    start = day if isinstance(day, datetime) else datetime.combine(day, time(12))
    return {
        "run_id": run_id,
        "started_at": start,
        "ended_at": start + timedelta(seconds=30),
        "duration_ms": 30_000.0,
        "machine_ms": 30_000.0,
        **columns,
    }


def step_row(
    run: dict[str, Any], step_id: str, after_s: float = 0, **columns: Any
) -> dict[str, Any]:
    """A step of one second of that run, starting so many seconds into it."""
    start = run["started_at"] + timedelta(seconds=after_s)
    inherited = {key: run[key] for key in ("workflow", "stage", "version") if key in run}
    return {
        "run_id": run["run_id"],
        "step_id": step_id,
        "run_started_at": run["started_at"],
        "started_at": start,
        "ended_at": start + timedelta(seconds=1),
        "duration_ms": 1000.0,
        "tool": "crm.get_order" if columns.get("kind", "tool") == "tool" else None,
        **inherited,
        **columns,
    }
