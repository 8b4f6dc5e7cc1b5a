"""Where work succeeds and where it fails."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
import polars as pl

from charts import words
from charts.base import BLUE, GREEN, GREY, MIN_RUNS, ORANGE, RED, day_ticks, finish, label, tint
from charts.matrix import Cell, Scale, grid, heading_limit

WIDEST = 12
LOW = 0.6
NOT_RECORDED = "not recorded"


def success_matrix(
    frame: pl.DataFrame, target: float = 0.9, order: tuple[str, ...] = ()
) -> go.Figure:
    """Success rate by workflow and segment, coloured by distance from the target.

    `frame`: workflow, segment, runs, known_runs, successes, success_rate, lo, hi. Cells with fewer
    than 30 runs of known outcome show that number and no colour. `order` lists the workflows from
    the top. Clicks carry workflow, segment.
    """
    shown = widest(frame)
    cells = [_success_cell(row, target) for row in shown.iter_rows(named=True)]
    judged = shown.filter(pl.col("known_runs") >= MIN_RUNS).sort("success_rate")
    finding = "No segment has 30 runs of known outcome yet."
    if judged.height:
        worst = judged.row(0, named=True)
        finding = (
            f"Lowest success: {words.clean(worst['workflow'])} in {words.clean(worst['segment'])}, "
            f"{words.percent(worst['success_rate'])} of {words.count(worst['known_runs'])} runs."
        )
    mid = (target - LOW) / (1 - LOW)
    scale = (
        (0.0, tint(RED, 0.6)), (mid * 0.5, tint(ORANGE, 0.5)), (mid * 0.92, tint(ORANGE, 0.14)),
        (mid, tint(GREY, 0.1)), (min(mid + 0.04, 0.99), tint(BLUE, 0.12)), (1.0, tint(BLUE, 0.5)),
    )  # fmt: skip
    names = dict.fromkeys(c.column for c in cells)
    columns = {name: words.clean(name, heading_limit(len(names))) for name in names}
    return grid(cells, in_order(shown, order), columns, Scale(scale, LOW, 1.0), finding)


def widest(frame: pl.DataFrame) -> pl.DataFrame:
    """The segments with most runs, by name, unrecorded ones last; at most twelve columns fit."""
    sizes = frame.group_by("segment").agg(pl.col("runs").sum()).sort("runs", descending=True)
    kept = sizes.head(WIDEST)["segment"].to_list()
    shown = frame.filter(pl.col("segment").is_in(kept))
    return shown.sort(pl.col("segment") == NOT_RECORDED, "segment", maintain_order=True)


def in_order(frame: pl.DataFrame, order: tuple[str, ...]) -> list[str]:
    """The workflows of the frame: those of `order` first, in that order, then by name."""
    there = set(frame["workflow"])
    return [w for w in order if w in there] + sorted(there.difference(order))


def _success_cell(row: dict[str, Any], target: float) -> Cell:
    n, rate = row["known_runs"], row["success_rate"]
    workflow, segment = words.clean(row["workflow"], 24), words.clean(row["segment"], 18)
    where = f"<b>{workflow}</b> · {segment}<br>"
    ids = (row["workflow"], row["segment"])
    if rate is None or n < MIN_RUNS:
        hover = where + f"{n:,} of {row['runs']:,} runs have a known outcome; 30 are needed"
        return Cell(*ids, None, f"<i>n={n:,}</i>", hover, ids)
    ends = words.interval(row["lo"], row["hi"])
    hover = where + f"{words.percent(rate)} of {n:,} runs<br>95%: {ends}"
    flag = "▼ " if rate < target - 0.05 else ""
    return Cell(*ids, rate, f"{flag}{words.percent(rate)}", hover, ids)


def success_daily(frame: pl.DataFrame, target: float = 0.9) -> go.Figure:
    """Success rate by day with its 95 % Wilson band and the target.

    `frame`: day, known_runs, successes, success_rate. Days without a known outcome are gaps.
    """
    known = frame.filter(pl.col("known_runs") > 0).sort("day")
    days = known["day"].to_list()
    band = [wilson(k, n) for k, n in known.select("successes", "known_runs").iter_rows()]
    figure = go.Figure()
    figure.add_scatter(
        x=days + days[::-1], y=[b[1] for b in band] + [b[0] for b in band][::-1],
        mode="lines", fill="toself", fillcolor=tint(GREEN, 0.18), line={"width": 0},
        hoverinfo="skip",
    )  # fmt: skip
    figure.add_scatter(
        x=days, y=known["success_rate"].to_list(), mode="lines",
        line={"color": GREEN, "width": 2.5},
        customdata=known["known_runs"].to_list(),
        hovertemplate="%{x|%d %b} · %{y:.1%} of %{customdata:,} runs<extra></extra>",
    )  # fmt: skip
    finding = "No day has a known outcome."
    if days:
        figure.add_hline(y=target, line={"color": GREY, "width": 1.5, "dash": "dot"})
        label(figure, 1, target, f"target<br>{target:.0%}", xref="paper", xanchor="left", xshift=6)
        rate = sum(known["successes"].to_list()) / sum(known["known_runs"].to_list())
        finding = f"{words.percent(rate)} success over {len(days)} days."
    finish(figure, 240, finding, margin={"l": 0, "r": 52, "t": 8, "b": 0})
    figure.update_yaxes(tickformat=".0%")
    figure.update_xaxes(**day_ticks(days))
    return figure


def wilson(successes: int, n: int) -> tuple[float, float]:
    """The 95 % score interval of a share (Wilson 1927)."""
    z2, p = 1.96**2, successes / n
    half = 1.96 * (p * (1 - p) / n + z2 / (4 * n * n)) ** 0.5
    lo, hi = (p + z2 / (2 * n) - half) / (1 + z2 / n), (p + z2 / (2 * n) + half) / (1 + z2 / n)
    return max(lo, 0.0), min(hi, 1.0)
