"""The clickable grid under the success matrix and the scorecard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import plotly.graph_objects as go

from charts import words
from charts.base import GREY, finish, label, name_rows

ROW_HEIGHT = 38
ROOMY = 6


class Scale(NamedTuple):
    """Colours over the values from `low` to `high`."""

    stops: Sequence[tuple[float, str]]
    low: float
    high: float


class Cell(NamedTuple):
    """One cell: the ids of row and column, its colour value (null: none), words, hover, click.

    `outline` is the colour of its frame, where it has one.
    """

    row: str
    column: str
    value: float | None
    text: str
    hover: str
    ids: tuple[str | None, ...]
    outline: str | None = None


def grid(
    cells: Sequence[Cell], rows: Sequence[str], columns: dict[str, str], scale: Scale, finding: str
) -> go.Figure:
    """Coloured cells, their words, and invisible markers that take clicks.

    `rows` are ids from the top, `columns` ids with headings from the left. Heat maps report no
    click, so markers lie on top; labels are annotations, which keep the ink and never fade.
    """
    across = {name: place for place, name in enumerate(columns)}
    down = {name: place for place, name in enumerate(rows)}
    figure = go.Figure(_colours(cells, across, down, scale))
    places = [(across[cell.column], down[cell.row]) for cell in cells]
    _clicks(figure, cells, places)
    crowded = len(columns) > ROOMY
    for cell, (x, y) in zip(cells, places, strict=True):
        label(figure, x, y, cell.text, size=11 if crowded else 12.5)
        if cell.outline:
            _frame(figure, x, y, cell.outline)
    top = 29 + 17 * max((heading.count("<br>") for heading in columns.values()), default=0)
    height = ROW_HEIGHT * max(len(rows), 1) + top + 4
    finish(figure, height, finding, margin={"l": 0, "r": 8, "t": top, "b": 4})
    _headings(figure, list(columns.values()))
    name_rows(figure, [words.clean(name, 18 if crowded else 24) for name in rows])
    return figure


def _colours(
    cells: Sequence[Cell], across: dict[str, int], down: dict[str, int], scale: Scale
) -> go.Heatmap:
    z: list[list[float | None]] = [[None] * len(across) for _ in down]
    for cell in cells:
        z[down[cell.row]][across[cell.column]] = cell.value
    return go.Heatmap(
        x=list(across.values()), y=list(down.values()), z=z, zmin=scale.low, zmax=scale.high,
        colorscale=[list(stop) for stop in scale.stops], xgap=3, ygap=3, showscale=False,
        hoverinfo="skip",
    )  # fmt: skip


def _frame(figure: go.Figure, x: float, y: float, colour: str) -> None:
    figure.add_shape(
        type="rect", x0=x - 0.47, x1=x + 0.47, y0=y - 0.44, y1=y + 0.44,
        line={"color": colour, "width": 2},
    )  # fmt: skip


def heading_limit(columns: int) -> int:
    """How many characters of a heading do not run into the next one."""
    return min(18, max(72 // max(columns, 1), 7))


def _headings(figure: go.Figure, names: Sequence[str]) -> None:
    figure.update_xaxes(
        side="top", showgrid=False, showline=False, ticks="", tickangle=0,
        range=[-0.5, len(names) - 0.5], tickvals=list(range(len(names))), ticktext=list(names),
    )  # fmt: skip


def _clicks(figure: go.Figure, cells: Sequence[Cell], places: Sequence[tuple[int, int]]) -> None:
    figure.add_scatter(
        x=[x for x, _ in places],
        y=[y for _, y in places],
        mode="markers",
        marker={"size": 34, "symbol": "square", "color": GREY, "opacity": 0.002},
        selected={"marker": {"opacity": 0.35}},
        unselected={"marker": {"opacity": 0.002}},
        customdata=[list(c.ids) for c in cells],
        hovertext=[c.hover for c in cells],
        hovertemplate="%{hovertext}<extra></extra>",
    )
