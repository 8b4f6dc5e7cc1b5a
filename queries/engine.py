"""The only reader: opens the generation in force, locked down, and answers named questions."""

from __future__ import annotations

import difflib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from queries.catalog import Query, QueryError, catalog

Connection = duckdb.DuckDBPyConnection

HARDENED: dict[str, str] = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "allow_persistent_secrets": "false",
    "python_enable_replacements": "false",
    "memory_limit": "1GB",
    "threads": "4",
    "max_temp_directory_size": "2GB",
    "max_execution_time": "10000",
    "lock_configuration": "true",
}


def current(store: Path) -> Path | None:
    """The database file that `CURRENT` names, or None where nothing was loaded yet."""
    try:
        return store / (store / "CURRENT").read_text("utf-8").strip()
    except FileNotFoundError:
        return None


def connect(path: Path) -> Connection:
    """A read-only connection to one generation that cannot reach files, network or settings.

    Never closed by hand: the last cursor that is dropped closes the file.
    """
    return duckdb.connect(path, read_only=True, config=dict(HARDENED))


def run(connection: Connection, name: str, **params: Any) -> pl.DataFrame:
    """The answer to one named question; parameters left out are null.

    Raises QueryError for an unknown name or parameter. Aware datetimes become naive UTC, because
    DuckDB would compare them in the session's zone.
    """
    query = find(name)
    unknown = sorted(set(params) - query.params)
    if unknown:
        known = ", ".join(sorted(query.params)) or "none"
        raise QueryError(f"{name}.sql: no parameter {unknown[0]}. Known parameters: {known}.")
    return ask(connection, query.sql, params)


def find(name: str) -> Query:
    """The question of that name; QueryError names the nearest one otherwise."""
    known = catalog()
    if name not in known:
        near = difflib.get_close_matches(name, known, 1)
        hint = f"Did you mean {near[0]}?" if near else "`python -m queries` lists them."
        raise QueryError(f"{name}: no such query. {hint}")
    return known[name]


def ask(connection: Connection, sql: str, params: dict[str, Any] | None = None) -> pl.DataFrame:
    """The frame one statement returns, on its own cursor, given exactly the parameters it names."""
    names = duckdb.extract_statements(sql)[0].named_parameters
    given = {name: _plain((params or {}).get(name)) for name in names}
    frame: pl.DataFrame = connection.cursor().sql(sql, params=given).pl()
    return frame


def _plain(value: Any) -> Any:
    if isinstance(value, datetime) and value.tzinfo:
        return value.astimezone(UTC).replace(tzinfo=None)
    if isinstance(value, tuple | set | frozenset):
        return [_plain(item) for item in value]
    return value
