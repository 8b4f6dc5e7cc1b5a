"""The seven failure patterns, workflow by workflow, and one check over time."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
import polars as pl

from charts import words
from charts.base import GREEN, GREY, ORANGE, RED, day_ticks, finish, tint
from charts.matrix import Cell, Scale, grid

STATES = {
    "green": ("●", "clear"),
    "amber": ("▲", "watch"),
    "red": ("■", "failing"),
    "insufficient": ("◌", "too few"),
    "stale": ("◌", "stale"),
    "unproven": ("◌", "unproven"),
    "not_measured": ("–", "not measured"),
    "not_applicable": ("–", "n/a"),
    "waived": ("◇", "waived"),
}
COLOURS = {"green": GREEN, "amber": ORANGE, "red": RED}
LEVEL = {"green": 1.0, "amber": 2.0, "red": 3.0}
BANDS = (tint(GREY, 0.1), tint(GREEN, 0.2), tint(ORANGE, 0.34), tint(RED, 0.5))
STOPS = [(edge / 4, fill) for place, fill in enumerate(BANDS) for edge in (place, place + 1)]
SCALE = Scale(STOPS, -0.5, 3.5)


def state(name: str | None) -> str:
    """Symbol and word of a state."""
    symbol, word = STATES.get(name or "not_measured", STATES["not_measured"])
    return f"{symbol} {word}"


def scorecard_matrix(frame: pl.DataFrame) -> go.Figure:
    """Workflows by patterns; only green, amber and red are coloured, the rest is grey.

    `frame`: workflow, stage, pattern, title, short, state, measured, total, in the order to draw.
    Clicks carry workflow and pattern.
    """
    cells = [_cell(row) for row in frame.iter_rows(named=True)]
    rows = list(dict.fromkeys(c.row for c in cells))
    patterns: dict[str, str] = dict(frame.select("pattern", "short").iter_rows())
    red = frame.filter(pl.col("state") == "red")
    finding = f"{red.height} of {frame.height} cells are failing."
    if red.height:
        named = [f"{words.clean(w)}: {t}" for w, t in red.select("workflow", "title").iter_rows()]
        finding = "Failing: " + "; ".join(named) + "."
    return grid(cells, rows, patterns, SCALE, finding)


def _cell(row: dict[str, Any]) -> Cell:
    workflow = words.clean(row["workflow"], 24)
    hover = (
        f"<b>{workflow}</b> ({row['stage'] or 'stage unknown'})<br>{row['title']}: "
        f"{state(row['state'])}<br>{row['measured']} of {row['total']} checks measured"
    )
    level = LEVEL.get(row["state"], 0.0)
    ids = (row["workflow"], row["pattern"])
    return Cell(*ids, level, state(row["state"]), hover, ids)


def check_history(frame: pl.DataFrame) -> go.Figure:
    """One check over its evaluations: value, 95 % interval, limits; gaps where not measured.

    `frame`: as_of, state, value, lo, hi, limit_a, limit_r.
    """
    rows = frame.sort("as_of")
    at, value = rows["as_of"].to_list(), rows["value"].to_list()
    up = [_gap(h, v) for h, v in zip(rows["hi"], value, strict=True)]
    down = [_gap(v, low) for low, v in zip(rows["lo"], value, strict=True)]
    figure = go.Figure()
    figure.add_scatter(
        x=at, y=value, mode="lines+markers", line={"color": GREY, "width": 1.5},
        marker={"size": 11, "color": [COLOURS.get(s, GREY) for s in rows["state"]]},
        error_y={"type": "data", "array": up, "arrayminus": down, "color": GREY, "width": 4},
        customdata=[state(s) for s in rows["state"]],
        hovertemplate="%{x|%d %b} · %{y:.3~f} · %{customdata}<extra></extra>",
    )  # fmt: skip
    for limit, colour in (("limit_a", ORANGE), ("limit_r", RED)):
        last = rows[limit].drop_nulls().to_list()[-1:]
        for y in last:
            figure.add_hline(y=y, line={"color": colour, "width": 1.5, "dash": "dot"})
    finish(figure, 220, f"{len(at)} evaluations, now {state(rows['state'][-1] if at else None)}.")
    figure.update_xaxes(**day_ticks(at))
    return figure


def _gap(upper: float | None, lower: float | None) -> float:
    return 0.0 if upper is None or lower is None else max(0.0, upper - lower)
