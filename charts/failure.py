"""What fails, and for which reason."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
import polars as pl

from charts import words
from charts.base import BLUE, GREY, MIN_RUNS, ORANGE, RED, finish, label, name_rows, tint
from charts.matrix import Cell, Scale, grid
from charts.success import in_order, widest


def failure_matrix(frame: pl.DataFrame, order: tuple[str, ...] = ()) -> go.Figure:
    """Failure rate by workflow and step, tool, agent or model; fewer than 30 calls stay uncoloured.

    `frame`: workflow, segment, calls, failed_calls, failure_rate, lo, hi.
    """
    same = frame.rename({"calls": "runs", "failed_calls": "failures"})
    shown = widest(same)
    cells = [_failure_cell(row) for row in shown.iter_rows(named=True)]
    judged = shown.filter(pl.col("runs") >= MIN_RUNS).sort("failure_rate", descending=True)
    finding = "No segment has 30 calls yet."
    if judged.height:
        worst = judged.row(0, named=True)
        finding = (
            f"Most failures: {words.clean(worst['segment'])} of {words.clean(worst['workflow'])}, "
            f"{words.percent(worst['failure_rate'])} of {words.count(worst['runs'])} calls."
        )
    scale = (
        (0.0, tint(BLUE, 0.3)), (0.1, tint(GREY, 0.1)), (0.5, tint(ORANGE, 0.5)),
        (1.0, tint(RED, 0.6)),
    )  # fmt: skip
    columns = {c.column: _heading(words.clean(c.column, 24)) for c in cells}
    return grid(cells, in_order(shown, order), columns, Scale(scale, 0.0, 0.1), finding)


def _heading(name: str) -> str:
    """Long names on two lines, broken at a word."""
    cut = next((name.find(c, 6) for c in " ._-" if name.find(c, 6) > 0), 0)
    return f"{name[:cut]}<br>{name[cut:]}" if len(name) > 12 and cut else name


def _failure_cell(row: dict[str, Any]) -> Cell:
    n, rate = row["runs"], row["failure_rate"]
    workflow, segment = words.clean(row["workflow"], 24), words.clean(row["segment"], 18)
    where = f"<b>{workflow}</b> · {segment}<br>"
    ids = (row["workflow"], row["segment"])
    if rate is None or n < MIN_RUNS:
        return Cell(*ids, None, f"<i>n={n:,}</i>", where + f"{n:,} calls", ids)
    ends = words.interval(row["lo"], row["hi"])
    hover = where + f"{row['failures']:,} of {n:,} calls failed for good<br>95%: {ends}"
    return Cell(*ids, rate, words.percent(rate), hover, ids)


def failure_reasons(frame: pl.DataFrame) -> go.Figure:
    """Failed and abandoned runs by reason, most frequent first.

    `frame`: workflow, reason, runs, share.
    """
    sums = frame.group_by("reason").agg(pl.col("runs").sum()).sort("runs", descending=True).head(10)
    names = [words.clean(r, 28) for r in sums["reason"]]
    runs = sums["runs"].to_list()
    figure = go.Figure()
    figure.add_bar(
        orientation="h", x=runs, y=list(range(len(names))),
        marker={"color": tint(RED, 0.6), "cornerradius": 3},
        hovertext=names, hovertemplate="%{hovertext} · %{x:,} runs<extra></extra>",
    )  # fmt: skip
    for row, n in enumerate(runs):
        label(figure, n, row, f"{n:,}", xanchor="left", xshift=4)
    finding = f"Most frequent reason: {names[0]}, {runs[0]:,} runs." if names else "No failed run."
    finish(figure, 30 * len(names) + 24, finding)
    name_rows(figure, names)
    top = max(runs, default=1) * 1.15
    figure.update_xaxes(showticklabels=False, showgrid=False, range=[0, top])
    return figure
