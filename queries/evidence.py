"""The rows a grade rests on: the worst that failed, and a few that passed for contrast."""

from __future__ import annotations

from datetime import datetime

import polars as pl

FAILING_SHOWN, LISTED_SHOWN, PASSING_SHOWN = 20, 5, 3

EVIDENCE: dict[str, pl.DataType] = {
    "as_of": pl.Datetime("us"),
    **dict.fromkeys(("workflow", "check_id", "run_id", "step_id"), pl.String()),
    "observed_at": pl.Datetime("us"),
    "why": pl.String(),
    "weight": pl.Float64(),
}


def evidence(check_id: str, rows: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """Rows of check_evidence from the rows one check returned for one workflow.

    Passing rows have weight 0 and a reason that starts with `passed: `; those that are `listed` are
    shown before the few for contrast.
    """
    bad = pl.col("failed") | (pl.col("alarm") if "alarm" in rows.columns else False)
    listed = pl.col("listed") if "listed" in rows.columns else pl.lit(value=False)
    order = ["weight", "observed_at", "run_id", "step_id", "why"]
    failing = rows.filter(bad).sort(
        order, descending=[True, True, False, False, False], nulls_last=True
    )
    passing = rows.filter(~bad).sort(
        order[1:], descending=[True, False, False, False], nulls_last=True
    )
    told = passing.filter(listed).sort("weight", descending=True, maintain_order=True)
    passing = pl.concat([told.head(LISTED_SHOWN), passing.filter(~listed).head(PASSING_SHOWN)])
    passing = passing.with_columns(why=pl.lit("passed: ") + pl.col("why"), weight=pl.lit(0.0))
    both = pl.concat([failing.head(FAILING_SHOWN), passing], how="vertical_relaxed")
    return both.select(
        as_of=pl.lit(as_of),
        workflow="workflow",
        check_id=pl.lit(check_id),
        run_id="run_id",
        step_id="step_id",
        observed_at="observed_at",
        why="why",
        weight="weight",
    ).cast(pl.Schema(EVIDENCE))
