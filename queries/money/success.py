"""What a run and a success cost, and what is spent for nothing."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl

from queries.grading import studentised

DAYS_A_MONTH = 365 / 12
SPAN: dict[str, pl.DataType] = {
    "at": pl.Date(),
    **dict.fromkeys(("usd", "lo_usd", "hi_usd"), pl.Float64()),
    "n": pl.Int64(),
}
FIXES = {
    "failed runs": "Fail fast at the step that predicts failure.",
    "abandoned runs": "End runs that nobody waits for, and ask for less before the first answer.",
    "retries": "Repeat only what can succeed: wait as the server says, stop after two.",
    "repeated calls": "Keep what was answered once within a run, and stop loops.",
}


class Each(NamedTuple):
    """What one run or success costs in US dollars, the ends of 95 %, and of how many it is told."""

    usd: float | None
    lo_usd: float | None
    hi_usd: float | None
    n: int

    @property
    def ends(self) -> tuple[float | None, float | None]:
        """Both ends."""
        return self.lo_usd, self.hi_usd


class Success(NamedTuple):
    """Cost of all complete days of a window, of one run, and of one success.

    `silences` says what is not in it: what nobody declared, and workflows with the cost of under
    four fifths of their runs known. Intervals by day (queries.grading.ratio); null under two
    days or without a success.
    """

    cost_usd: float | None
    per_run: Each
    per_success: Each
    silences: tuple[str, ...]


class Lever(NamedTuple):
    """One way to spend less: US dollars a month now and at target volume, and on how many runs.

    `share` is that of all cost of the runs. No lever is a saving unless success stays what it is.
    """

    cause: str
    fix: str
    month_usd: float
    target_usd: float | None
    runs: int
    share: float


def success(days: pl.DataFrame) -> Success:
    """What one run and one success cost; `days` as success_days.sql returns them."""
    known, names = _known(days), days["workflow"].n_unique()
    by_day = known.group_by("day").agg(pl.col("cost_usd", "run_usd", "runs", "successes").sum())
    return Success(
        float(known["cost_usd"].sum()) if known.height else None,
        _each(by_day, "run_usd", "runs"),
        _each(by_day, "cost_usd", "successes"),
        (*_said(days, "unknown_cost", names), *_said(days, "undeclared", names)),
    )


def success_over(days: pl.DataFrame, every: str) -> pl.DataFrame:
    """What a success cost in every day (`1d`) or ISO week (`1w`): at, usd, lo_usd, hi_usd, n."""
    by_day = _known(days).group_by("day").agg(pl.col("cost_usd", "successes").sum())
    spans = by_day.with_columns(at=pl.col("day").dt.truncate(every)).sort("day")
    rows = [
        (name[0], *_each(part, "cost_usd", "successes"))
        for name, part in spans.group_by("at", maintain_order=True)
    ]
    return pl.DataFrame(rows, schema=SPAN, orient="row").drop_nulls("usd")


def _known(days: pl.DataFrame) -> pl.DataFrame:
    """The days of the workflows whose cost is known well enough."""
    unsure = days.drop_nulls("unknown_cost")["workflow"].unique().to_list()
    return days.filter(~pl.col("workflow").is_in(unsure))


def _each(days: pl.DataFrame, amount: str, count: str) -> Each:
    cost, n = float(days[amount].sum()), int(days[count].sum())
    if not n:
        return Each(None, None, None, 0)
    if days.height < 2:
        return Each(cost / n, None, None, n)
    counts = days[count].cast(pl.Float64).to_numpy()
    lo, hi = studentised(days[amount].to_numpy(), np.asarray(counts))
    return Each(cost / n, lo, hi, n)


def _said(days: pl.DataFrame, column: str, names: int) -> list[str]:
    """One sentence where something is left out: for one workflow as it is, for many how many."""
    found = days.drop_nulls(column).group_by("workflow").agg(pl.col(column).max())
    if not found.height:
        return []
    words: str = found.sort("workflow")[column][0]
    return [words if names == 1 else f"{found.height} of {names} workflows: {words}"]


def levers(waste: pl.DataFrame, days: float, growth: float | None = None) -> list[Lever]:
    """What each cause of waste costs a month, dearest first; `waste` as waste_by_cause.sql has it.

    `days` is the length of the window, `growth` the target volume over the present one.
    """
    total = waste["cost_usd"].sum()
    causes = waste.filter("is_waste").group_by("cause").agg(pl.col("cost_usd", "runs").sum())
    found = []
    for cause, usd, runs in causes.sort("cost_usd", "cause", descending=[True, False]).iter_rows():
        month = usd / days * DAYS_A_MONTH
        target = None if growth is None else month * growth
        found.append(Lever(cause, FIXES[cause], month, target, runs, usd / total))
    return found
