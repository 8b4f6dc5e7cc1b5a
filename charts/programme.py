"""The programme: how many workflows stand where, and what production does under a red."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
import polars as pl

from charts import words
from charts.base import BLUE, GREY, ORANGE, VIOLET, finish, label, name_rows, tint

APART = 0.22
SHARES = {
    "runs_share": ("runs", "circle", BLUE),
    "cost_share": ("spend", "square", ORANGE),
    "writes_share": ("write actions", "triangle-up", VIOLET),
}


def stage_funnel(frame: pl.DataFrame) -> go.Figure:
    """Workflows in every stage, how long it takes, and what is most often in the way of the next.

    `frame`: stage, workflows, left, median_days, blocker, in the order of the stages.
    """
    counts = frame["workflows"].to_list()
    most = max([1, *counts])
    figure = go.Figure(
        go.Bar(
            orientation="h", x=counts, y=list(range(len(counts))), hoverinfo="skip",
            marker={"color": tint(BLUE, 0.35), "cornerradius": 3},
        )
    )  # fmt: skip
    for place, row in enumerate(frame.iter_rows(named=True)):
        label(figure, row["workflows"] + 0.06 * most, place, _pace(row), xanchor="left")
    inside = dict(zip(frame["stage"], counts, strict=True))
    finding = "Workflows by stage: " + ", ".join(f"{n} {stage}" for stage, n in inside.items())
    finish(figure, 40 * max(len(counts), 1) + 8, f"{finding}.")
    name_rows(figure, [words.clean(stage) for stage in frame["stage"]])
    figure.update_xaxes(range=[0, 2.6 * most], showticklabels=False, showgrid=False)
    return figure


def _pace(row: dict[str, Any]) -> str:
    told = [f"<b>{row['workflows']}</b>"]
    if row["median_days"] is not None:
        told.append(f"median {row['median_days']:.0f} d")
    elif row["stage"] in ("pilot", "limited") and row["workflows"]:
        told.append("none has left" if not row["left"] else "under half have left")
    if row["blocker"]:
        told.append(f"most in the way: {words.clean(row['blocker'])}")
    return " · ".join(told)


def exposure_dots(frame: pl.DataFrame) -> go.Figure:
    """The share of production's runs, spend and write actions under each failing pattern.

    `frame`: pattern, title, runs_share, cost_share, writes_share, red_workflows. Clicks carry the
    pattern. A share that is not known has no mark.
    """
    figure = go.Figure()
    for place, (column, (name, symbol, colour)) in enumerate(SHARES.items()):
        known = frame.with_row_index("y").filter(pl.col(column).is_not_null())
        figure.add_scatter(
            x=known[column].to_list(), y=[y + APART * (place - 1) for y in known["y"]],
            mode="markers",
            marker={"symbol": symbol, "size": 13, "color": colour, "opacity": 0.85},
            customdata=[[pattern] for pattern in known["pattern"]],
            hovertext=[_under(row, column, name) for row in known.iter_rows(named=True)],
            hovertemplate="%{hovertext}<extra></extra>", unselected={"marker": {"opacity": 0.5}},
        )  # fmt: skip
    red = frame.filter(pl.col("red_workflows").list.len() > 0)
    finding = "No pattern fails in production."
    if red.height:
        finding = f"{red.height} patterns fail in production: {', '.join(red['title'])}."
    finish(figure, 36 * max(frame.height, 1) + 30, finding)
    name_rows(figure, [words.clean(title, 28) for title in frame["title"]])
    figure.update_xaxes(range=[-0.03, 1.03], tickformat=".0%", nticks=5, gridcolor=tint(GREY, 0.25))
    return figure


def exposure_key() -> str:
    """The legend of exposure_dots in words."""
    marks = {"circle": "●", "square": "■", "triangle-up": "▲"}
    return " ".join(f"{marks[symbol]} {name}" for name, symbol, _ in SHARES.values())


def _under(row: dict[str, Any], column: str, name: str) -> str:
    where = ", ".join(words.clean(w, 24) for w in row["red_workflows"]) or "no workflow"
    return f"<b>{row['title']}</b><br>{row[column]:.0%} of {name}: {where}"
