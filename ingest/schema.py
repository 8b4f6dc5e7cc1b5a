"""The canonical tables: what adapters write and queries read.

`tables.toml` lists them. Money is US dollars in `*_usd`, times are UTC microseconds.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

VERSION = 1

TYPES: dict[str, tuple[pl.DataType, str]] = {
    "text": (pl.String(), "varchar"),
    "json": (pl.String(), "json"),
    "int": (pl.Int64(), "bigint"),
    "float": (pl.Float64(), "double"),
    "bool": (pl.Boolean(), "boolean"),
    "time": (pl.Datetime("us"), "timestamp"),
    "date": (pl.Date(), "date"),
    "decimal": (pl.Decimal(38, 18), "decimal(38,18)"),
    "bucket": (pl.Int16(), "smallint"),
    "hash32": (pl.UInt32(), "uinteger"),
}

ZSTD_TEXTS = frozenset({"input", "output", "rationale"})


class Column(NamedTuple):
    """One column: its name, type word, whether null is refused, and the allowed words if any."""

    name: str
    kind: str
    required: bool
    words: tuple[str, ...]


class Table(NamedTuple):
    """One table: its columns, the key of a row, and the columns hashed for a missing id."""

    name: str
    key: tuple[str, ...]
    identity: tuple[str, ...]
    columns: tuple[Column, ...]

    def polars(self) -> dict[str, pl.DataType]:
        """Column name to Polars type."""
        return {c.name: TYPES[c.kind][0] for c in self.columns}

    def ddl(self) -> str:
        """The `create table` statement; payload text is compressed with zstd."""
        columns = ", ".join(map(self._definition, self.columns))
        return f"create table if not exists {self.name} ({columns})"

    def widen(self, present: Collection[str], given: Mapping[str, Any]) -> list[str]:
        """The statements that add the columns a table of an older version has not got.

        Its rows have null there, or what is `given` for a column that is never null; KeyError
        where nothing is.
        """
        missing = [c for c in self.columns if c.name not in present]
        return [s for c in missing for s in self._added(c, given)]

    def _added(self, column: Column, given: Mapping[str, Any]) -> list[str]:
        if not column.required:
            return [f"alter table {self.name} add column {self._definition(column)}"]
        kind, value = TYPES[column.kind][1], str(given[column.name]).replace("'", "''")
        altered = f'alter table {self.name} alter column "{column.name}"'
        return [
            f"alter table {self.name} add column \"{column.name}\" {kind} default '{value}'",
            f"{altered} drop default",
            f"{altered} set not null",
        ]

    def _definition(self, column: Column) -> str:
        zstd = self.name == "payloads" and column.name in ZSTD_TEXTS
        null = " not null" if column.required else ""
        return f'"{column.name}" {TYPES[column.kind][1]}{null}{" using compression zstd" * zstd}'


def _column(word: str) -> Column:
    name, _, kind = word.partition(":")
    words = tuple(kind.split("|")) if "|" in kind else ()
    return Column(name.rstrip("!"), "text" if words else kind or "text", name.endswith("!"), words)


def _load() -> dict[str, Table]:
    spec = tomllib.loads(Path(__file__).with_name("tables.toml").read_text("utf-8"))
    return {
        name: Table(
            name,
            tuple(t.get("key", "").split()),
            tuple(t.get("identity", "").split()),
            tuple(map(_column, t["columns"].split())),
        )
        for name, t in spec.items()
    }


TABLES = _load()
