"""The content of a store, for comparing two of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

WHEN_LOADED = {"loaded_at", "published_at", "generation"}


def connect(store: Path) -> duckdb.DuckDBPyConnection:
    """The generation in force, read-only."""
    name = (store / "CURRENT").read_text("utf-8").strip()
    return duckdb.connect(store / name, read_only=True)


def rows(store: Path, sql: str) -> list[tuple[Any, ...]]:
    """The answer to a question as tuples."""
    with connect(store) as connection:
        return connection.sql(sql).fetchall()


def content(store: Path) -> dict[str, list[str]]:
    """Every table as sorted lines, without what says when and how often it was loaded."""
    with connect(store) as connection:
        tables = [r[0] for r in connection.sql("select table_name from duckdb_tables()").fetchall()]
        found = {}
        for table in sorted(tables):
            names = connection.sql(f"from {table} limit 0").columns
            kept = ", ".join(f'"{n}"' for n in names if n not in WHEN_LOADED)
            lines = connection.sql(f"select {kept} from {table}").fetchall()
            found[table] = sorted(map(repr, lines))
    return found


def unbalanced(store: Path) -> list[tuple[Any, ...]]:
    """Sources whose records are not loaded + duplicates + ignored + rejected."""
    return rows(
        store,
        """
        select path, records, loaded, duplicates, ignored, rejected from sources
        where records <> loaded + duplicates + rejected
            + coalesce(list_sum(map_values(ignored::map(varchar, bigint))), 0)
            or duplicates < 0
        """,
    )
