"""Day and hour totals and histograms, rebuilt for the days a load touches."""

from __future__ import annotations

from datetime import date

import duckdb
import polars as pl

from ingest.store.statements import script


def rebuild(connection: duckdb.DuckDBPyConnection, days: list[date] | None = None) -> None:
    """Recompute every rollup for the given UTC days, or for all days.

    Costs follow the whole store: they are few, and an invoice may replace an estimate of any day.
    Hour rows older than 31 days before the newest run are dropped.
    """
    touched = pl.DataFrame({"day": days or []}, schema={"day": pl.Date}).unique()
    connection.register("touched_days", touched)
    connection.register("all_days", pl.DataFrame({"flag": [days is None]}))
    for name in ("rollup_names", "rollup_runs", "rollup_steps", "rollup_costs"):
        script(connection, name)
    connection.unregister("touched_days")
    connection.unregister("all_days")
