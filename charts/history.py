"""One check over twelve weeks, as it was issued at each evaluation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

import plotly.graph_objects as go
import polars as pl

from charts import words
from charts.base import BLUE, GREEN, GREY, ORANGE, RED, VIOLET, finish, inked, label, tint

WEEKS, TICKS = 12, 6
MARKS = {
    "green": ("circle", GREEN),
    "amber": ("triangle-up", ORANGE),
    "red": ("square", RED),
    "waived": ("diamond", VIOLET),
}
HOLLOW = ("circle-open", GREY)
UNMEASURED = ("not_measured", "not_applicable", "held")
LIMITS = (("limit_a", ORANGE, "watch"), ("limit_r", RED, "failing"))
Row = dict[str, Any]
Change = tuple[datetime, str]


class Scale(NamedTuple):
    """Whether values are shares, and whether limits hold on both sides of zero."""

    percent: bool
    both_ways: bool


def recent(frame: pl.DataFrame) -> pl.DataFrame:
    """The evaluations of the last twelve weeks; of more than twelve the last of each week."""
    newest = pl.col("as_of").max()
    week = (newest - pl.col("as_of")).dt.total_days() // 7
    rows = frame.with_columns(week.alias("week")).filter(pl.col("week") < WEEKS).sort("as_of")
    if rows.height > WEEKS:
        rows = rows.group_by("week", maintain_order=True).last()
    return rows.drop("week")


def check_history(
    frame: pl.DataFrame,
    percent: bool = True,
    both_ways: bool = False,
    changes: tuple[Change, ...] = (),
) -> go.Figure:
    """Value with its interval and limits at each evaluation, and a mark for every change.

    Hollow where too few, a gap and a cross where not measured, a break where limits or formula
    changed. Limits that hold `both_ways` are drawn on both sides of zero.

    `frame`: as_of, shown, verdict, value, lo, hi, n, limit_a, limit_r, formula_version.
    """
    rows: list[Row] = recent(frame).to_dicts()
    parts = stretches(rows)
    figure = go.Figure()
    low, high = _ends(rows, both_ways)
    start, end = _span(rows)
    _limits(figure, parts, end, Scale(percent, both_ways))
    _values(figure, parts, low, percent)
    for before, part in pairwise(parts):
        _break(figure, before[-1], part[0], high)
    _changes(figure, [c for c in changes if start <= c[0] <= end], high)
    now = f", now {rows[-1]['verdict']}" if rows else ""
    finish(figure, 270, f"{len(rows)} evaluations{now}.", margin={"l": 0, "r": 78, "t": 8, "b": 0})
    form = (".1%" if high - low < 0.1 else ".0%") if percent else "~g"
    figure.update_yaxes(range=[low, high], tickformat=form, nticks=6)
    figure.update_xaxes(range=[start, end], showgrid=False, tickangle=0, **_ticks(rows))
    return figure


def _values(figure: go.Figure, parts: list[list[Row]], low: float, percent: bool) -> None:
    for part in parts:
        _line(figure, part)
    rows = [row for part in parts for row in part]
    known = [row for row in rows if _is_known(row)]
    _bars(figure, [row for row in known if row["lo"] is not None])
    _points(figure, known, percent)
    _crosses(figure, [row for row in rows if not _is_known(row)], low)


def stretches(rows: Sequence[Row]) -> list[list[Row]]:
    """Rows in stretches of the same formula and limits; numbers of two of them do not compare."""
    parts: list[list[Row]] = []
    for row in rows:
        same = ("limit_a", "limit_r", "formula_version")
        if parts and all(parts[-1][-1][name] == row[name] for name in same):
            parts[-1].append(row)
        else:
            parts.append([row])
    return parts


def _is_known(row: Row) -> bool:
    return row["value"] is not None and row["shown"] not in UNMEASURED


def _ends(rows: Sequence[Row], both_ways: bool) -> tuple[float, float]:
    """The lowest and the highest of everything drawn, with some room."""
    limits = [row[name] for row in rows for name, *_ in LIMITS]
    drawn = [row[name] for row in rows if _is_known(row) for name in ("value", "lo", "hi")]
    known = [value for value in limits + drawn if value is not None] or [0.0, 1.0]
    known += [-value for value in limits if value is not None and both_ways]
    room = (max(known) - min(known)) * 0.12 or abs(max(known)) * 0.2 or 0.1
    lowest = min(known) - room
    return (max(lowest, -room / 2) if min(known) >= 0 else lowest), max(known) + room


def _span(rows: Sequence[Row]) -> tuple[datetime, datetime]:
    at = [row["as_of"] for row in rows] or [datetime(2000, 1, 1)]  # noqa: DTZ001
    room = max((at[-1] - at[0]) * 0.06, timedelta(days=2))
    return at[0] - room, at[-1] + room


def _limits(figure: go.Figure, parts: list[list[Row]], end: datetime, scale: Scale) -> None:
    """Dotted from stretch to stretch; the last are named, once where both are one."""
    for place, part in enumerate(parts):
        until = parts[place + 1][0]["as_of"] if place + 1 < len(parts) else end
        begin = part[0]["as_of"] if place else part[0]["as_of"] - (end - parts[-1][-1]["as_of"])
        limits = {part[0][name]: (colour, word) for name, colour, word in LIMITS}
        for y, (colour, word) in limits.items():
            for side in (y, -y) if scale.both_ways and y is not None else (y,):
                line = {"color": colour, "width": 1.5, "dash": "dot"}
                figure.add_scatter(
                    x=[begin, until], y=[side, side], mode="lines", line=line, hoverinfo="skip"
                )
            if y is not None and until == end:
                _named(figure, y, inked(colour, f"{word} {_number(y, scale.percent)}"))


def _named(figure: go.Figure, y: float, text: str) -> None:
    label(figure, 1, y, text, xref="paper", xanchor="left", xshift=6, size=11.5)


def _break(figure: go.Figure, before: Row, after: Row, high: float) -> None:
    is_formula = before["formula_version"] != after["formula_version"]
    figure.add_vline(x=after["as_of"], line={"color": GREY, "width": 1.5, "dash": "dash"})
    text = "new formula" if is_formula else "new limits"
    label(figure, after["as_of"], high, text, xanchor="left", xshift=4, yanchor="top", size=11)


def _line(figure: go.Figure, part: list[Row]) -> None:
    figure.add_scatter(
        x=[row["as_of"] for row in part],
        y=[row["value"] if _is_known(row) else None for row in part],
        mode="lines", line={"color": GREY, "width": 1.5}, hoverinfo="skip", connectgaps=False,
    )  # fmt: skip


def _bars(figure: go.Figure, rows: list[Row]) -> None:
    figure.add_scatter(
        x=[x for row in rows for x in (row["as_of"], row["as_of"], None)],
        y=[y for row in rows for y in (row["lo"], row["hi"], None)],
        mode="lines", line={"width": 9, "color": tint(GREY, 0.3)}, hoverinfo="skip",
    )  # fmt: skip


def _points(figure: go.Figure, rows: list[Row], percent: bool) -> None:
    marks = [MARKS.get(row["shown"], HOLLOW) for row in rows]
    figure.add_scatter(
        x=[row["as_of"] for row in rows], y=[row["value"] for row in rows], mode="markers",
        marker={
            "size": 12, "symbol": [m[0] for m in marks], "color": [m[1] for m in marks],
            "line": {"width": [2 if m is HOLLOW else 0 for m in marks]},
        },
        hovertext=[_hover(row, percent) for row in rows],
        hovertemplate="%{hovertext}<extra></extra>",
    )  # fmt: skip


def _hover(row: Row, percent: bool) -> str:
    ends = ""
    if row["lo"] is not None and row["hi"] is not None:
        ends = f" ({_number(row['lo'], percent)} to {_number(row['hi'], percent)})"
    n = f", n={words.count(row['n'])}" if row["n"] is not None else ""
    day = words.day(row["as_of"])
    return f"{day}: {_number(row['value'], percent)}{ends}{n}<br>{row['verdict']}"


def _number(value: float, percent: bool) -> str:
    return f"{value * 100:.3g}%" if percent else f"{value:,.3g}"


def _crosses(figure: go.Figure, rows: list[Row], low: float) -> None:
    figure.add_scatter(
        x=[row["as_of"] for row in rows], y=[low] * len(rows), mode="markers",
        marker={"size": 9, "symbol": "x-thin", "line": {"width": 2, "color": GREY}},
        cliponaxis=False,
        hovertext=[f"{words.day(row['as_of'])}: {row['verdict']}" for row in rows],
        hovertemplate="%{hovertext}<extra></extra>",
    )  # fmt: skip


def _changes(figure: go.Figure, changes: list[Change], high: float) -> None:
    for at, _ in changes:
        figure.add_vline(x=at, line={"color": tint(BLUE, 0.5), "width": 1})
    figure.add_scatter(
        x=[at for at, _ in changes], y=[high] * len(changes), mode="markers", cliponaxis=False,
        marker={"size": 9, "symbol": "triangle-down", "color": BLUE},
        hovertext=[f"{words.day(at)}: {words.clean(text)}" for at, text in changes],
        hovertemplate="%{hovertext}<extra></extra>",
    )  # fmt: skip


def _ticks(rows: list[Row]) -> dict[str, Any]:
    """The day of at most six evaluations, the newest among them, with its n."""
    step = max(1, -(-len(rows) // TICKS))
    shown = rows[::-1][::step][::-1]
    texts = [f"{words.day(row['as_of'])}<br>n={words.count(row['n'])}" for row in shown]
    return {"tickvals": [row["as_of"] for row in shown], "ticktext": texts}
