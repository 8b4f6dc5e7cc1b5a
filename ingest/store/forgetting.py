"""Rows of a source that is read anew, because the mapping that reads it changed."""

from __future__ import annotations

from datetime import date

import duckdb

from ingest.schema import TABLES
from ingest.store.accounting import KEPT

WITH_RUN = [t for t in KEPT if any(c.name == "run_id" for c in TABLES[t].columns)]


def forget(connection: duckdb.DuckDBPyConnection, source_id: str) -> None:
    """Delete every row of a source and remember the runs it told of, for `settle_forgotten`."""
    connection.execute("create temp table if not exists forgotten_runs (run_id varchar)")
    for table in KEPT:
        if table in WITH_RUN:
            connection.execute(
                f"insert into forgotten_runs select run_id from {table} where source_id = $id",  # noqa: S608
                {"id": source_id},
            )
        connection.execute(f"delete from {table} where source_id = $id", {"id": source_id})  # noqa: S608


def settle_forgotten(connection: duckdb.DuckDBPyConnection) -> list[date]:
    """Have the runs derived again that others still tell of; the others go.

    Returns the days on which they began. `known_runs` and `touched_runs` are there.
    """
    connection.execute("create temp table if not exists forgotten_runs (run_id varchar)")
    days = connection.sql("""
        select distinct started_at::date as day
        from runs where run_id in (select run_id from forgotten_runs)
    """).pl()["day"]
    connection.execute("""
        insert into touched_runs
        select distinct run_id from forgotten_runs
        where run_id in (select run_id from known_runs)
            and run_id not in (select run_id from touched_runs)
    """)
    connection.execute("""
        delete from runs where run_id in (select run_id from forgotten_runs)
            and run_id not in (select run_id from known_runs)
    """)
    return list(days)
