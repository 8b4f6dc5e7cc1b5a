"""The store: a folder of generations, one of them in force; the only writer of it."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
from filelock import FileLock, Timeout

from ingest.conform import DEFAULTS
from ingest.errors import IngestError
from ingest.raw import sync_folder
from ingest.schema import TABLES

KEPT_GENERATIONS = 3
GENERATION = re.compile(r"ops\.(\d+)\.duckdb")
WRITER: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "memory_limit": "300MB",
}


class Store:
    """The generations under one folder. Readers open the file that CURRENT names."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.raw = folder / "raw"
        self.scratch = folder / "incoming"

    @contextmanager
    def locked(self, say: Callable[[str], None]) -> Iterator[None]:
        """Hold the store's lock; a second writer says so and waits for the first."""
        for folder in (self.folder, self.raw, self.folder / "reviews"):
            folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.folder / "lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            say(f"{self.folder}: another load is running. Waiting for it to finish.")
            lock.acquire()
        try:
            shutil.rmtree(self.scratch, ignore_errors=True)
            self.scratch.mkdir()
            yield
        finally:
            shutil.rmtree(self.scratch, ignore_errors=True)
            lock.release()

    def current(self) -> Path | None:
        """The generation in force, or None before the first load."""
        pointer = self.folder / "CURRENT"
        if not pointer.exists():
            return None
        path = self.folder / pointer.read_text("utf-8").strip()
        if not path.exists():
            raise IngestError(f"{pointer}: names {path.name}, which is missing. Rebuild the store.")
        return path

    def in_force(self) -> Path:
        """The generation in force; IngestError before the first load."""
        if (current := self.current()) is None:
            raise IngestError(f"{self.folder}: nothing is loaded yet. Run `python -m ingest PATH`.")
        return current

    def _numbers(self) -> dict[int, Path]:
        found = ((GENERATION.fullmatch(p.name), p) for p in self.folder.glob("ops.*.duckdb"))
        return {int(match[1]): path for match, path in found if match}

    @contextmanager
    def next_generation(self) -> Iterator[tuple[duckdb.DuckDBPyConnection, int]]:
        """A writable copy of the current generation; published when the block ends well.

        The number is never one that was used before. A generation that died half-made is deleted
        here, at the next load.
        """
        current = self.current()
        number = max(self._numbers(), default=0) + 1
        for path in self._numbers().values():
            if current is None or _number(path) > _number(current):
                _delete(path)
        target = self.folder / f"ops.{number}.duckdb"
        if current:
            shutil.copyfile(current, target)
        connection = duckdb.connect(target, config=WRITER)
        try:
            shape(connection)
            yield connection, number
            connection.execute("checkpoint")
        finally:
            connection.close()
        self._publish(target)

    def _publish(self, target: Path) -> None:
        wal = target.with_name(target.name + ".wal")
        if wal.exists():
            raise IngestError(f"{target}: the new generation was not written out. Load again.")
        with target.open("rb") as file:
            os.fsync(file.fileno())
        pointer = self.folder / "CURRENT.new"
        with pointer.open("w", encoding="utf-8") as file:
            file.write(target.name + "\n")
            file.flush()
            os.fsync(file.fileno())
        sync_folder(self.folder)
        pointer.replace(self.folder / "CURRENT")
        sync_folder(self.folder)
        for number in sorted(self._numbers())[:-KEPT_GENERATIONS]:
            _delete(self._numbers()[number])


def shape(connection: duckdb.DuckDBPyConnection) -> None:
    """Make every table with all its columns. Those a store of an older version lacks are null, or
    what a record has that does not state them; IngestError where such rows cannot be completed."""
    for table in TABLES.values():
        connection.execute(table.ddl())
    known: dict[str, set[str]] = {}
    columns = "select table_name, column_name from duckdb_columns()"
    for name, column in connection.sql(columns).fetchall():
        known.setdefault(name, set()).add(column)
    for table in TABLES.values():
        try:
            statements = table.widen(known[table.name], DEFAULTS.get(table.name, {}))
        except KeyError as column:
            raise IngestError(
                f"{table.name}: this store is of an older version, whose rows have no"
                f" {column.args[0]}. Load its files into a new store (--store)."
            ) from None
        for statement in statements:
            connection.execute(statement)


def _number(path: Path) -> int:
    match = GENERATION.fullmatch(path.name)
    return int(match[1]) if match else 0


def _delete(path: Path) -> None:
    for name in (path, path.with_name(path.name + ".wal")):
        try:
            name.unlink(missing_ok=True)
        except PermissionError:
            return
