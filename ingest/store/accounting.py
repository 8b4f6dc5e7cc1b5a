"""The ledger: for every source, records = loaded + duplicates + ignored + rejected."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import orjson

from ingest.casts import since_epoch
from ingest.load import Loaded, frame
from ingest.schema import TABLES, VERSION
from ingest.store.statements import script

REFUSED = "refused"
KEPT = [
    name
    for name, table in TABLES.items()
    if any(c.name == "source_id" for c in table.columns)
    and name not in {"runs", "sources", "rejects"}
]


class Ledger:
    """The ledger rows and rejects of one load; `settle` fills in what merging decides."""

    def __init__(self, loaded_at: datetime) -> None:
        self._loaded_at = since_epoch(loaded_at)
        self._sources: dict[str, dict[str, Any]] = {}
        self._rejects: dict[str, list[dict[str, Any]]] = {}

    def enter(self, loaded: Loaded, size: int) -> None:
        """Note one file that was read; a copy of it under a smaller name takes its place."""
        source_id = loaded.origin.source_id
        self._sources[source_id] = self._row(source_id, loaded.origin.name, size) | {
            "format": loaded.format,
            "records": loaded.records,
            "ignored": orjson.dumps(loaded.ignored).decode(),
            "rejected": loaded.rejected,
            "times_without_zone": loaded.times_without_zone,
            "records_table": loaded.records_table,
        }
        self._rejects[source_id] = loaded.rejects

    def refuse(self, source_id: str, name: str, reason: str, size: int) -> None:
        """Note one file that could not be read at all: one record, rejected."""
        row = {"format": REFUSED, "records": 1, "rejected": 1, "ignored": "{}"}
        self._sources[source_id] = self._row(source_id, name, size) | row
        why = reason.removeprefix(f"{name}: ")
        reject = {"locator": "the file", "reason_code": "unreadable", "reason": why}
        self._rejects[source_id] = [{"source_id": source_id} | reject]

    def write(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Replace what the ledger said of these sources."""
        sources = list(self._sources.values())
        rejects = [row for found in self._rejects.values() for row in found]
        for table, rows in (("sources", sources), ("rejects", rejects)):
            connection.register("entries", frame(table, rows))
            connection.register("entered", frame("sources", sources))
            connection.execute(
                f"delete from {table} where source_id in (select source_id from entered)"  # noqa: S608
            )
            connection.execute(f"insert into {table} by name select * from entries")  # noqa: S608
            connection.unregister("entries")
            connection.unregister("entered")

    def _row(self, source_id: str, name: str, size: int) -> dict[str, Any]:
        return {
            "source_id": source_id,
            "path": name,
            "bytes": size,
            "loaded_at": self._loaded_at,
            "loaded": 0,
            "duplicates": 0,
            "rows_by_table": "{}",
            "schema_version": VERSION,
        }


def status(generation: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The state of a generation, and the accounting of every source by path."""
    with duckdb.connect(generation, read_only=True) as connection:
        state = connection.sql("select * from store_state").pl().to_dicts()[0]
        sources = connection.sql("""
            select path, format, records, loaded, duplicates,
                records - loaded - duplicates - rejected as ignored, rejected
            from sources order by path
        """).pl()
    return state, sources.to_dicts()


def settle(connection: duckdb.DuckDBPyConnection) -> None:
    """Count again, for every source, the rows that are its own; the rest of its records are
    duplicates of rows that others tell better."""
    parts = " union all ".join(
        f"select source_id, '{table}' as name, count(*) as n from {table} group by source_id"  # noqa: S608
        for table in KEPT
    )
    connection.execute(f"create or replace temp table rows_kept as {parts}")
    script(connection, "accounting")
