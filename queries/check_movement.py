"""Which checks changed their state since the evaluation a week ago, and how old every red is."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from queries.engine import Connection, run

WEEK = timedelta(days=7)
CELL = ["workflow", "check_id"]
KINDS = ("new red", "still red", "red unproven", "worse", "cleared red", "better", "changed")
SEVERITY = {"green": 0, "amber": 1, "red": 2}
CLEARED = ("green", "amber", "waived", "not_applicable")

MOVED: dict[str, pl.DataType] = {
    **dict.fromkeys(("workflow", "check_id", "kind", "state_from", "state_to"), pl.String()),
    **dict.fromkeys(("value_from", "value_to"), pl.Float64()),
    **dict.fromkeys(("as_of_from", "as_of_to", "red_since"), pl.Datetime("us")),
    "weeks_red": pl.Int64(),
}


def moved_checks(connection: Connection) -> pl.DataFrame:
    """Cells whose state differs between the newest evaluation and the one nearest to 7 days before.

    One row a workflow and check, worst first, and every red that stayed. kind: new red, still red,
    red unproven (lost its data, which clears nothing), worse, cleared red, better, or changed (from
    or to a state without a colour). red_since is the evaluation that turned it red, weeks_red the
    whole weeks since. Before the second evaluation every red is new and *_from is null.
    """
    history = run(connection, "check_history").select(*CELL, "as_of", "state", "value")
    last = history.filter(pl.col("as_of") == pl.col("as_of").max())
    both = last.join(_week_before(history), on=CELL, how="left", suffix="_from").join(
        _red_since(history), on=CELL, how="left"
    )
    days = (pl.col("as_of") - pl.col("red_since")).dt.total_days()
    order = pl.col("kind").cast(pl.Enum(KINDS)).to_physical()
    return (
        both.with_columns(kind=_kind(), weeks_red=days // 7)
        .drop_nulls("kind")
        .sort(order, -pl.col("weeks_red"), *CELL)
        .rename({"state": "state_to", "value": "value_to", "as_of": "as_of_to"})
        .select(list(MOVED))
        .cast(pl.Schema(MOVED))
    )


def _week_before(history: pl.DataFrame) -> pl.DataFrame:
    """The rows of the earlier evaluation nearest to a week before; of two as near, the older."""
    newest = pl.col("as_of").max()
    moments = history.select(pl.col("as_of").unique()).with_columns(
        away=(pl.col("as_of") - newest + WEEK).abs()
    )
    earlier = moments.filter(pl.col("as_of") < newest).sort("away", "as_of")
    return history.join(earlier.head(1).select("as_of"), on="as_of")


def _red_since(history: pl.DataFrame) -> pl.DataFrame:
    """The first red evaluation since the cell was last cleared; no row where it is clear now."""
    cleared_at = pl.col("as_of").filter(pl.col("state").is_in(CLEARED)).max().over(CELL)
    is_open = cleared_at.is_null() | (pl.col("as_of") > cleared_at)
    reds = history.filter((pl.col("state") == "red") & is_open)
    return reds.group_by(CELL).agg(red_since=pl.col("as_of").min())


def _kind() -> pl.Expr:
    """Null where nothing moved."""
    now, then = pl.col("state"), pl.col("state_from")
    rank = pl.col("state", "state_from").replace_strict(SEVERITY, default=None)
    stays = pl.col("red_since") <= pl.col("as_of_from")
    change = pl.struct(rank).struct
    risen = change.field("state") - change.field("state_from")
    return (
        pl.when((now == "red") & stays.fill_null(value=False))
        .then(pl.lit("still red"))
        .when(now == "red")
        .then(pl.lit("new red"))
        .when((then == "red") & ~now.is_in(CLEARED))
        .then(pl.lit("red unproven"))
        .when((then == "red") & now.is_in(("green", "amber")))
        .then(pl.lit("cleared red"))
        .when(risen > 0)
        .then(pl.lit("worse"))
        .when(risen < 0)
        .then(pl.lit("better"))
        .when(now != then)
        .then(pl.lit("changed"))
    )
