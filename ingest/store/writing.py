"""One load's generation: opened when something is new, finished with what follows from it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from types import TracebackType

import duckdb
import polars as pl

from ingest.load import Loaded, frame
from ingest.schema import VERSION
from ingest.store.accounting import REFUSED, Ledger, settle
from ingest.store.derive import as_of, derive
from ingest.store.forgetting import forget, settle_forgotten
from ingest.store.generations import Store
from ingest.store.pricing import price
from ingest.store.rollups import rebuild
from ingest.store.statements import script

Evaluate = Callable[[duckdb.DuckDBPyConnection, datetime], tuple[pl.DataFrame, pl.DataFrame]]
Pricing = Callable[[duckdb.DuckDBPyConnection], None]


class Writing:
    """The generation a load writes; opened at the first thing that is new, published on leaving."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.loaded_at = datetime.now(UTC).replace(tzinfo=None)
        self.number: int | None = None
        self.ledger = Ledger(self.loaded_at)
        self.new: list[str] = []
        self.refused: set[str] = set()
        self._stack = ExitStack()
        self._connection: duckdb.DuckDBPyConnection | None = None

    def __enter__(self) -> Writing:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, at)

    @property
    def is_open(self) -> bool:
        return self._connection is not None

    def open(self) -> duckdb.DuckDBPyConnection:
        if self._connection is None:
            self._connection, self.number = self._stack.enter_context(self.store.next_generation())
        return self._connection

    def known(self) -> dict[str, str]:
        """Source ids already loaded, with the name each is known by."""
        current = self.store.current()
        if current is None:
            return {}
        with duckdb.connect(current, read_only=True) as connection:
            rows = connection.sql("select source_id, path, format from sources").pl()
        self.refused = {r[0] for r in rows.iter_rows() if r[2] == REFUSED}
        return {r[0]: r[1] for r in rows.iter_rows() if r[2] != REFUSED}

    def enter(self, loaded: Loaded, size: int) -> None:
        """Note a file whose rows are to be merged; `size` is its decompressed bytes."""
        self.open()
        self.new.append(loaded.origin.source_id)
        self.ledger.enter(loaded, size)

    def refuse(self, source_id: str, name: str, reason: str, size: int) -> None:
        """Note a file that could not be read."""
        self.open()
        self.ledger.refuse(source_id, name, reason, size)

    def forget_claims(self, source_id: str) -> None:
        """Drop what a source claimed of its runs under the name it had before."""
        self.open().execute("delete from run_claims where source_id = $id", {"id": source_id})

    def forget(self, source_id: str) -> None:
        """Drop every row of a source that is about to be read anew."""
        forget(self.open(), source_id)

    def finish(self, evaluate: Evaluate, pricing: Pricing = price) -> datetime:
        """Resolve, price, derive, roll up, account and check; the store's new `as_of`."""
        connection = self.open()
        moment = as_of(connection, self.loaded_at)
        connection.register("new_sources", pl.DataFrame({"source_id": self.new or [""]}))
        script(connection, "resolve")
        script(connection, "touched")
        gone = settle_forgotten(connection)
        pricing(connection)
        days = derive(connection, self.loaded_at, moment)
        rebuild(connection, sorted({*days, *gone}))
        self.ledger.write(connection)
        settle(connection)
        self._check(connection, moment, evaluate)
        state = {
            "as_of": moment,
            "generation": self.number,
            "published_at": self.loaded_at,
            "schema_version": VERSION,
        }
        connection.execute("delete from store_state")
        connection.register("state", pl.DataFrame([state]))
        connection.execute("insert into store_state by name select * from state")
        return moment

    def _check(
        self, connection: duckdb.DuckDBPyConnection, moment: datetime, evaluate: Evaluate
    ) -> None:
        for table, rows in zip(
            ("check_results", "check_evidence"), evaluate(connection, moment), strict=True
        ):
            connection.execute(
                f"delete from {table} where as_of = $as_of",  # noqa: S608
                {"as_of": moment},
            )
            connection.register("judged", frame(table, rows.to_dicts()))
            connection.execute(f"insert into {table} by name select * from judged")  # noqa: S608
            connection.unregister("judged")
