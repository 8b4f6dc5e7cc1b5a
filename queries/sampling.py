"""Runs that stand for more than themselves, and workflows whose runs cannot give a rate."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import polars as pl

from queries.engine import Connection
from queries.needs import shared
from queries.rules import Check

RATES = ("share", "ratio", "ratio_by_day")


class Sampling(NamedTuple):
    """`weights`: run_id, sample_weight, for runs kept with a probability. `uneven`: why the runs of
    a workflow cannot give a rate."""

    weights: pl.DataFrame
    uneven: dict[str, str]

    def weigh(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows of a check with the weight of their runs; unchanged where none was sampled."""
        if self.weights.is_empty():
            return rows
        weighted = rows.join(self.weights, on="run_id", how="left", maintain_order="left")
        return weighted.with_columns(pl.col("sample_weight").fill_null(1.0))

    def objection(self, check: Check, workflow: str) -> str:
        """Why a rate over the runs of a workflow would mislead; empty where it would not."""
        reason = self.uneven.get(workflow)
        is_rate = check.estimator in RATES and check.unit.endswith("runs")
        if reason is None or not is_rate:
            return ""
        return f"Not measured: needs unsampled runs or sample_prob. {reason}."


def sampling(connection: Connection, window: dict[str, datetime]) -> Sampling:
    """How the runs of the window were sampled."""
    rows = shared(connection, "sampled", window)
    weights = rows.filter(pl.col("run_id").is_not_null()).select("run_id", "sample_weight")
    uneven = rows.filter(pl.col("run_id").is_null()).select("workflow", "reason")
    return Sampling(weights, dict(uneven.iter_rows()))
