"""The segments of two adjacent weeks, large enough to be compared; the small ones pooled."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from queries.grading.comparison import day_effect, first_shifted, p_of_difference

SMALLEST = 30
TESTS = 200
POOLED = ("channel", "version", "stage", "tool", "step")
KEY = ["workflow", "dimension", "segment", "unit"]
COUNTS = ("total", "known", "successes")


class Week(NamedTuple):
    """Runs or calls of one segment in seven days; effect is the design effect of its days."""

    total: int
    known: int
    successes: int
    effect: float

    @property
    def rate(self) -> float:
        """Share of the known that succeeded."""
        return self.successes / self.known

    @property
    def failures(self) -> int:
        """Known, and not a success."""
        return self.known - self.successes

    @property
    def effective(self) -> tuple[float, float]:
        """Successes and known as if days were independent."""
        return self.successes / self.effect, self.known / self.effect


class Segment(NamedTuple):
    """One value of one dimension in both weeks; segment is None for the pooled small ones."""

    workflow: str
    dimension: str
    segment: str | None
    unit: str
    before: Week
    last: Week
    first_seen: date

    @property
    def change(self) -> float:
        """Success in the last week less success in the week before, as shares."""
        return self.last.rate - self.before.rate

    @property
    def p(self) -> float:
        """Chance of a difference this large between two weeks that are alike."""
        return p_of_difference(*self.last.effective, *self.before.effective)

    @property
    def worse(self) -> Week:
        """The week with the lower success."""
        return self.last if self.change < 0 else self.before

    @property
    def extra_failures(self) -> float:
        """Failures of the worse week that the rate of the better one would not have had."""
        return self.worse.known * abs(self.change)

    @property
    def name(self) -> str:
        """What a person calls it."""
        if self.segment is None:
            return f"small segments of {self.dimension} (n={self.before.known + self.last.known})"
        return f"{self.dimension} = {self.segment}"


class Looked(NamedTuple):
    """What can be compared, how many segments were too small for it, and all of them by week."""

    tested: list[Segment]
    small: int
    weeks: pl.DataFrame


def looked_at(days: pl.DataFrame) -> Looked:
    """The segments with 30 known in both weeks, from the rows of `segments_by_week`.

    Of a workflow at most 200, the largest; the others are pooled by dimension, and a pool is one
    segment more where it is large enough and cannot hold a run twice. A segment that holds every
    known run of its workflow is the workflow. weeks: known and successes of both weeks, unpooled.
    """
    weeks = _weeks(days)
    placed = _placed(weeks)
    pooled = (
        days.join(placed, on=KEY)
        .with_columns(segment=pl.when(~pl.col("is_small")).then("segment"))
        .group_by(*KEY, "week", "day")
        .agg(pl.col(COUNTS).sum())
        .sort(*KEY, "day", "week")
        .group_by(KEY, maintain_order=True)
        .agg("week", "day", *COUNTS)
    )
    found = [_segment(row) for row in pooled.iter_rows(named=True)]
    tested = [one for one in found if one is not None]
    return Looked(tested, int(placed["is_small"].sum()), weeks)


def _weeks(days: pl.DataFrame) -> pl.DataFrame:
    sums = [
        pl.col(count).filter(pl.col("week") == week).sum().alias(f"{count}_{week}")
        for count in ("known", "successes")
        for week in ("before", "last")
    ]
    return days.group_by(KEY).agg(sums).sort(KEY)


def _placed(weeks: pl.DataFrame) -> pl.DataFrame:
    """Every segment that is not its whole workflow, and whether it is pooled."""
    known = ["known_before", "known_last"]
    is_workflow = pl.col("dimension") == "workflow"
    whole = weeks.filter(is_workflow).select("workflow", pl.struct(known).alias("whole"))
    least = pl.min_horizontal(known)
    place = least.rank("ordinal", descending=True).over("workflow")
    is_whole = (pl.col("unit") == "runs") & (pl.struct(known) == pl.col("whole"))
    return (
        weeks.join(whole, on="workflow", how="left", maintain_order="left")
        .filter(is_workflow | ~is_whole.fill_null(value=False))
        .select(
            *KEY,
            is_small=~is_workflow & ((least < SMALLEST) | (place > TESTS - len(POOLED))),
        )
    )


def _segment(row: dict[str, Any]) -> Segment | None:
    """One segment from lists of its weeks, days and counts; None where it cannot be compared."""
    if row["segment"] is None and row["dimension"] not in POOLED:
        return None
    is_last = np.array(row["week"]) == "last"
    counts = {count: np.array(row[count]) for count in COUNTS}
    before, last = (_week(counts, chosen) for chosen in (~is_last, is_last))
    if min(before.known, last.known) < SMALLEST:
        return None
    days, place = np.unique(np.array(row["day"], dtype="datetime64[D]"), return_inverse=True)
    k, n = (np.bincount(place, weights=counts[count]) for count in ("successes", "known"))
    first_seen: date = days[first_shifted(k, n)].item()
    home = {key: row[key] for key in KEY}
    return Segment(**home, before=before, last=last, first_seen=first_seen)


def _week(counts: dict[str, NDArray[Any]], chosen: NDArray[Any]) -> Week:
    total, known, successes = (counts[count][chosen] for count in COUNTS)
    effect = day_effect(known - successes, known)
    return Week(int(total.sum()), int(known.sum()), int(successes.sum()), effect)
