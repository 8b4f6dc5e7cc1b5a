"""What is measured and declared about a workflow, for projecting what production will cost."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from queries.engine import Connection, run
from queries.grading import studentised, wilson
from queries.grading.scaling import Growth, growth
from queries.money.rates import PriceList

DAYS, SEEN_DAYS = 28, 98
MONTH = 365 / 12
BAND, Z = 0.9, 1.6448536269514722


class Ends(NamedTuple):
    """A number with the ends of its 90 % interval, null where too little is known."""

    value: float
    lo: float | None
    hi: float | None

    @property
    def told(self) -> tuple[float, float] | None:
        """Both ends, where they are known."""
        return None if self.lo is None or self.hi is None else (self.lo, self.hi)

    def times(self, factor: float) -> Ends:
        """All three multiplied."""
        lo, hi = (None if end is None else end * factor for end in (self.lo, self.hi))
        return Ends(self.value * factor, lo, hi)


class Segment(NamedTuple):
    """One channel or version: its share of the runs, the mean cost of a run over `n` runs with a
    cost, and the share of `runs` known to have succeeded (Wilson)."""

    name: str
    share: float
    runs: int
    n: int
    cost_usd: Ends | None
    success: Ends


class ModelUse(NamedTuple):
    """Model calls of the window; cost and tokens by class are those of the `told_calls`."""

    model: str | None
    provider: str | None
    calls: int
    told_calls: int
    cost_usd: float
    uncached_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    output_tokens: int


class Facts(NamedTuple):
    """The last 28 days of a workflow and what is declared about it; null is unknown.

    `whole` is all runs as one segment; `run_usd` their stated cost; `monthly_runs` what the days
    seen come to in a month. Amounts are US dollars. `outcomes` holds runs and successes of the last
    98 days by the only model a run used. `days`: day, runs, cost_usd of the runs with a cost.
    """

    workflow: str
    as_of: datetime
    whole: Segment
    unknown_outcomes: int
    run_usd: float
    unknown_cost: str | None
    monthly_runs: float
    dimension: str
    segments: tuple[Segment, ...]
    days: pl.DataFrame
    growth: Growth
    failing_share: float | None
    calls: int
    models: tuple[ModelUse, ...]
    outcomes: dict[str, tuple[int, int]]
    prices: PriceList
    volume: float | None
    fixed_usd: float | None
    review_minutes: float | None
    review_rate_usd: float | None
    review_share: float | None
    budget_usd: float | None
    unconverted: str | None


def facts(connection: Connection, workflow: str, as_of: datetime) -> Facts | None:
    """Everything that `project` needs, asked once; null where no run is in the last 28 days."""
    window: dict[str, Any] = {"since": as_of - timedelta(days=DAYS), "as_of": as_of}
    own: dict[str, Any] = {"workflow": [workflow], **window}
    runs = run(connection, "production_runs", **own)
    if not runs.height:
        return None
    told = run(connection, "production_facts", **own).row(0, named=True)
    seen = own | {"since": as_of - timedelta(days=SEEN_DAYS)}
    outcomes = run(connection, "model_outcomes", **seen).drop("workflow").iter_rows()
    used = run(connection, "model_tokens", **own).drop("workflow").fill_null(0).iter_rows()
    priced = runs.filter(pl.col("cost_usd").is_not_null())
    days = priced.group_by("day").agg(pl.len().alias("runs"), pl.col("cost_usd").sum()).sort("day")
    counts, costs = (days[name].cast(pl.Float64).to_numpy() for name in ("runs", "cost_usd"))
    dimension = "channel" if runs["channel"].drop_nulls().len() else "version"
    failed, calls = told.pop("failed_calls"), told.pop("calls") or 0
    weight, first_on = float(runs["weight"].sum()), told.pop("first_on")
    return Facts(
        as_of=as_of, whole=_segment("all runs", runs, weight),
        run_usd=math.fsum(runs["stated_usd"].drop_nulls()),
        unknown_outcomes=runs.filter(outcome="unknown").height,
        unknown_cost=runs["unknown_cost"][0],
        monthly_runs=weight / _days_seen(first_on, as_of) * MONTH,
        dimension=dimension, segments=_segments(runs, dimension, weight), days=days,
        growth=growth(np.asarray(counts), np.asarray(costs)),
        failing_share=failed / calls if calls else None, calls=calls,
        models=tuple(ModelUse(*row) for row in used), prices=PriceList(connection, as_of.date()),
        outcomes={model: (n, won) for model, n, won in outcomes}, **told,
    )  # fmt: skip


def _days_seen(first_on: date, as_of: datetime) -> float:
    """Days of the window since the first run ever, one at least."""
    seen = as_of - datetime.combine(first_on, datetime.min.time())
    return min(float(DAYS), max(1.0, seen / timedelta(days=1)))


def _segments(runs: pl.DataFrame, dimension: str, weight: float) -> tuple[Segment, ...]:
    named = runs.with_columns(pl.col(dimension).fill_null("not recorded").alias("segment"))
    parts = named.partition_by("segment", as_dict=True).items()
    return tuple(_segment(str(name), part, weight) for (name,), part in sorted(parts))


def _segment(name: str, runs: pl.DataFrame, weight: float) -> Segment:
    priced = runs.filter(pl.col("cost_usd").is_not_null())
    weights = runs["weight"].to_numpy()
    whole, won = math.fsum(weights), math.fsum(weights[(runs["outcome"] == "success").to_numpy()])
    n_eff = whole**2 / math.fsum(weights**2)
    success = Ends(won / whole, *wilson(won / whole * n_eff, n_eff, Z))
    return Segment(name, whole / weight, runs.height, priced.height, _mean(priced), success)


def _mean(priced: pl.DataFrame) -> Ends | None:
    """Mean cost of a run as check COST-7 takes it, with its interval from two runs on."""
    if not priced.height:
        return None
    weights = np.asarray(priced["weight"].to_numpy())
    amounts = np.asarray(priced["cost_usd"].to_numpy()) * weights
    mean = math.fsum(amounts) / math.fsum(weights)
    if priced.height < 2:
        return Ends(mean, None, None)
    return Ends(mean, *studentised(amounts, weights, BAND))
