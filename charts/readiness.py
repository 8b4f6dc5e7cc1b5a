"""How much of what a gate asks is met."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
import polars as pl

from charts import words
from charts.base import GREEN, GREY, ORANGE, RED, finish, label, name_rows, tint

# From what is done to what blocks. What is not provable is hollow or hatched: it must not look
# like what is shown to be bad.
STATES = {
    "met": ("circle", GREEN),
    "condition": ("triangle-up", ORANGE),
    "not_provable": ("circle-open", GREY),
    "not_met": ("square", RED),
}
MET = ("met", "condition")
ORDER = pl.col("state").replace_strict(list(STATES), list(range(len(STATES))))


def requirement_dots(frame: pl.DataFrame) -> go.Figure:
    """One dot a requirement of a gate, a row a part of it, what is met first.

    `frame`: part, state, verdict, text, check_id, in the order of the rows. Clicks carry the
    check, null where it is none.
    """
    parts = list(frame["part"].unique(maintain_order=True))
    dots = frame.sort(ORDER, maintain_order=True).with_columns(
        x=pl.int_range(pl.len()).over("part"),
        y=pl.col("part").replace_strict(parts, list(range(len(parts))), return_dtype=pl.Int64),
    )
    figure = go.Figure()
    _dots(figure, dots)
    met = frame.filter(pl.col("state").is_in(MET))
    most = 0
    for y, part in enumerate(parts):
        own = frame.filter(part=part).height
        most = max(most, own)
        label(figure, own - 0.4, y, f"{met.filter(part=part).height} of {own}", xanchor="left")
    finding = f"{met.height} of {frame.height} requirements are met."
    finish(figure, 31 * max(len(parts), 1) + 8, finding, margin={"l": 0, "r": 0, "t": 4, "b": 4})
    name_rows(figure, [words.clean(part, 28) for part in parts])
    figure.update_xaxes(range=[-0.7, max(most, 8) + 1], showticklabels=False, showgrid=False)
    return figure


def _dots(figure: go.Figure, dots: pl.DataFrame) -> None:
    marks = [STATES[state] for state in dots["state"]]
    figure.add_scatter(
        x=dots["x"].to_list(), y=dots["y"].to_list(), mode="markers",
        marker={
            "size": 15, "symbol": [mark[0] for mark in marks], "color": [mark[1] for mark in marks],
            "line": {"width": [2.5 if mark[1] == GREY else 0 for mark in marks]},
        },
        selected={"marker": {"size": 20}}, unselected={"marker": {"opacity": 0.7}},
        customdata=[[check] for check in dots["check_id"]],
        hovertext=[
            f"<b>{verdict}</b><br>{words.wrapped(words.clean(text, 400))}"
            for verdict, text in dots.select("verdict", "text").iter_rows()
        ],
        hovertemplate="%{hovertext}<extra></extra>",
    )  # fmt: skip


def gate_bars(frame: pl.DataFrame) -> go.Figure:
    """How many requirements of its next gate a workflow meets, has to prove, and does not meet.

    `frame`: workflow, gate, state, verdict, lines, in the order of the rows. Clicks carry the
    workflow.
    """
    names = list(frame["workflow"].unique(maintain_order=True))
    bars = frame.sort(ORDER, maintain_order=True).with_columns(
        y=pl.col("workflow").replace_strict(names, list(range(len(names))), return_dtype=pl.Int64),
        until=pl.col("lines").cum_sum().over("workflow"),
    )
    figure = go.Figure()
    for state in STATES:
        _bars(figure, bars.filter(state=state), state)
    for lines, y, until in bars.select("lines", "y", "until").iter_rows():
        label(figure, until - lines / 2, y, str(lines))
    lacking = frame.filter(~pl.col("state").is_in(MET))["workflow"].n_unique()
    finding = f"{len(names) - lacking} of {len(names)} workflows meet all of their next gate."
    finish(figure, 36 * max(len(names), 1) + 8, finding, barmode="stack", bargap=0.3)
    name_rows(figure, [words.clean(name, 24) for name in names])
    figure.update_xaxes(showticklabels=False, showgrid=False)
    return figure


def _bars(figure: go.Figure, own: pl.DataFrame, state: str) -> None:
    colour, is_hatched = STATES[state][1], state == "not_provable"
    figure.add_bar(
        orientation="h", x=own["lines"].to_list(), y=own["y"].to_list(),
        marker={
            "color": tint(colour, 0.06 if is_hatched else 0.5), "cornerradius": 3,
            "line": {"width": 1.5 if is_hatched else 0, "color": colour},
            "pattern": {
                "shape": "/" if is_hatched else "", "fgcolor": tint(colour, 0.5), "size": 7,
                "solidity": 0.2,
            },
        },
        customdata=[[name] for name in own["workflow"]],
        hovertext=[_told(row) for row in own.iter_rows(named=True)],
        hovertemplate="%{hovertext}<extra></extra>", unselected={"marker": {"opacity": 0.6}},
    )  # fmt: skip


def _told(row: dict[str, Any]) -> str:
    workflow = words.clean(row["workflow"], 24)
    return f"<b>{workflow}</b>, to {row['gate']}<br>{row['lines']} {row['verdict']}"
