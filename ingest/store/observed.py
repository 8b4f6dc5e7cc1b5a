"""What the runs of one workflow did, for a first declaration of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from ingest.store.statements import script

Row = dict[str, Any]

PLACED = dict.fromkeys(("kind", "name", "agent", "decision", "step"), pl.String())


class Observed:
    """The newest finished runs of a workflow outside test and replay, and what they did."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, workflow: str) -> None:
        self._connection, self.workflow = connection, workflow
        connection.register("asked", pl.DataFrame({"workflow": [workflow]}))
        script(connection, "observed")

    def table(self, name: str) -> list[Row]:
        """The rows of a table of observed.sql: names, kinds, tools, failures, words and more."""
        return self._rows(f"select * from observed_{name}")  # noqa: S608

    def edges(self, placed: list[Row]) -> tuple[list[Row], int]:
        """The edges between steps by their place and runs, and the runs that took a rare one.

        `placed` says which step every kind, name, agent and decision is, in the order of the steps.
        """
        self._connection.register("placed", pl.DataFrame(placed, schema=PLACED))
        script(self._connection, "observed_edges")
        (rare,) = self._rows("""
            select count(distinct run_id) as runs from observed_transitions
            join observed_edges using (from_step, to_step) where is_rare
        """)
        return self._rows("select * from observed_edges order by from_step, to_step"), rare["runs"]

    def known(self) -> list[str]:
        """Every workflow that has runs or is declared."""
        found = self._rows("select workflow from runs union select workflow from workflows")
        return sorted(row["workflow"] for row in found)

    def declared(self) -> Row | None:
        """The declaration in force, with the file it came from."""
        found = self._rows("""
            select w.match_source, s.path from workflows w left join sources s using (source_id)
            where w.workflow = (select workflow from asked)
        """)
        return found[0] if found else None

    def _rows(self, question: str) -> list[Row]:
        found: pl.DataFrame = self._connection.sql(question).pl()
        return found.to_dicts()


@contextmanager
def observing(generation: Path, workflow: str) -> Iterator[Observed]:
    """What a generation knows of a workflow, while it is open."""
    with duckdb.connect(generation, read_only=True) as connection:
        yield Observed(connection, workflow)
