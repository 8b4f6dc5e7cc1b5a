"""Files of SQL statements, run in order."""

from __future__ import annotations

from pathlib import Path

import duckdb

SQL = Path(__file__).with_name("sql")


def script(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Run a file of statements from the sql folder."""
    for statement in duckdb.extract_statements((SQL / f"{name}.sql").read_text("utf-8")):
        connection.execute(statement)
