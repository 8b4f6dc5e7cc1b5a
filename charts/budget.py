"""Spend of a period against its budget: so far, forecast, and when it is spent."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import Any

import plotly.graph_objects as go
import polars as pl

from charts import words
from charts.base import BLUE, GREY, ORANGE, RED, finish, inked, label, name_rows, tint

MARGIN = {"l": 0, "r": 22, "t": 8, "b": 0}
LEAST_PACE = 0.05
SHAPES = {60: "circle", 360: "square", 1440: "diamond"}


def burn_up(
    frame: pl.DataFrame,
    *,
    begins_on: date,
    ends_on: date,
    as_of_day: date,
    budget_usd: float | None,
    projected_usd: float | None = None,
    lo_usd: float | None = None,
    hi_usd: float | None = None,
    crosses_on: date | None = None,
) -> go.Figure:
    """Spend of the period so far, the even pace, the budget, and the forecast with its 90 % band.

    `frame`: day, cost_usd. Projected amounts are those of the last day, null without a forecast.
    """
    days, total = _cumulative(frame, begins_on, as_of_day)
    figure = go.Figure()
    if projected_usd is not None and as_of_day < ends_on:
        ends = tuple(projected_usd if v is None else v for v in (lo_usd, hi_usd))
        _forecast(figure, (as_of_day, total[-1]), (ends_on, projected_usd), ends)
    if budget_usd is not None:
        _budget(figure, (begins_on, ends_on), budget_usd, crosses_on)
    _so_far(figure, days, total)
    finish(figure, 290, _finding(total[-1], budget_usd, projected_usd), margin=MARGIN)
    top = max(v for v in (total[-1], budget_usd, projected_usd, hi_usd) if v is not None)
    figure.update_yaxes(tickprefix="$", tickformat="~s", range=[0, top * 1.14 or 1], nticks=6)
    _period(figure, begins_on, ends_on)
    return figure


def _period(figure: go.Figure, first: date, last: date) -> None:
    step = 7 if (last - first).days > 7 else 1
    ticks = [
        first + timedelta(days=k) for k in range(0, max((last - first).days - step // 2, 1), step)
    ]
    ticks.append(last)
    until = max(last, first + timedelta(days=1))
    figure.update_xaxes(
        showgrid=False, range=[first, until], tickvals=ticks, tickangle=0,
        ticktext=[words.day(t) for t in ticks],
    )  # fmt: skip


def _so_far(figure: go.Figure, days: list[date], total: list[float]) -> None:
    """The line of spend, and its amount below it, or beside it early in the period."""
    figure.add_scatter(
        x=days, y=total, mode="lines", line={"color": BLUE, "width": 3}, fill="tozeroy",
        fillcolor=tint(BLUE, 0.1), hovertemplate="%{x|%d %b} · spent %{y:$,.2f}<extra></extra>",
    )  # fmt: skip
    spent = total[-1]
    text = inked(BLUE, f"{words.money(spent)} so far")
    if len(days) < 9:
        label(figure, days[-1], spent, text, xanchor="left", xshift=6, yshift=12)
    else:
        label(figure, days[-1], spent * 0.45, text, xanchor="right", xshift=-4)


def _cumulative(frame: pl.DataFrame, start: date, end: date) -> tuple[list[date], list[float]]:
    spent = dict(frame.select("day", "cost_usd").iter_rows())
    days = [start + timedelta(days=k) for k in range((end - start).days + 1)]
    total, sums = 0.0, []
    for day in days:
        total += spent.get(day) or 0.0
        sums.append(total)
    return days, sums


def _forecast(
    figure: go.Figure,
    now: tuple[date, float],
    then: tuple[date, float],
    ends: tuple[float, ...],
) -> None:
    figure.add_scatter(
        x=[now[0], then[0], then[0]], y=[now[1], ends[1], ends[0]], mode="lines", fill="toself",
        fillcolor=tint(ORANGE, 0.22), line={"width": 0}, hoverinfo="skip", name="band",
    )  # fmt: skip
    figure.add_scatter(
        x=[now[0], then[0]], y=[now[1], then[1]], mode="lines", name="forecast",
        line={"color": ORANGE, "width": 2.5, "dash": "dash"},
        hovertemplate="%{x|%d %b} · forecast %{y:$,.2f}<extra></extra>",
    )  # fmt: skip
    text = inked(ORANGE, f"<b>{words.money(then[1])}</b>")
    label(figure, then[0], ends[1], text, xanchor="right", yshift=11, size=13)


def _budget(
    figure: go.Figure, period: tuple[date, date], budget: float, crosses_on: date | None
) -> None:
    figure.add_scatter(
        x=list(period), y=[0, budget], mode="lines", hoverinfo="skip", name="even pace",
        line={"color": GREY, "width": 1.5, "dash": "dot"},
    )  # fmt: skip
    figure.add_hline(y=budget, line={"color": GREY, "width": 2})
    text = f"Budget {words.money(budget)}"
    label(figure, period[0], budget, text, xanchor="left", yshift=10)
    if crosses_on:
        _crossing(figure, crosses_on, budget)


def _finding(spent: float, budget: float | None, centre: float | None) -> str:
    said = f"{words.money(spent)} spent"
    if budget:
        said += f" of a budget of {words.money(budget)}"
    return said + (f"; forecast to end at {words.money(centre)}." if centre else ".")


def _crossing(figure: go.Figure, day: date, budget: float) -> None:
    figure.add_scatter(
        x=[day], y=[budget], mode="markers", name="crossing",
        marker={"color": RED, "size": 10, "symbol": "x"},
        hovertemplate="%{x|%d %b} · the budget is spent<extra></extra>",
    )  # fmt: skip
    text = inked(RED, f"<b>spent on {words.day(day)}</b>")
    label(figure, day, budget, text, xanchor="left", xshift=6, yshift=-12)


def budget_bars(frame: pl.DataFrame, top: int = 9) -> go.Figure:
    """The budgets forecast to be used most, each as a bar: spent, and forecast with its 90 % band.

    `frame`: name, spent_share, projected_share, lo_share, hi_share (of the budget, null where
    unknown), worst first. Lines stand at half, four fifths and all of it.
    """
    rows = frame.head(top).to_dicts()
    figure = go.Figure()
    for share, dash in ((0.5, "dot"), (0.8, "dot"), (1.0, "solid")):
        line = {"color": GREY, "width": 2 if share == 1 else 1, "dash": dash}
        figure.add_vline(x=share, line=line)
    _bars(figure, rows)
    over = int((frame["projected_share"] > 1).sum())
    finish(figure, 29 * max(len(rows), 1) + 30, f"{over} of {frame.height} budgets will be passed.")
    name_rows(figure, [words.clean(row["name"], 26) for row in rows])
    figure.update_layout(barmode="overlay")
    furthest = max([1.0, *(_furthest(row) for row in rows)])
    figure.update_xaxes(
        range=[0, furthest * 1.55], tickvals=[0.5, 1], ticktext=["50%", "100%"],
        showgrid=False, tickangle=0, tickfont={"size": 11},
    )  # fmt: skip
    return figure


def _bars(figure: go.Figure, rows: list[dict[str, Any]]) -> None:
    places = list(range(len(rows)))
    figure.add_bar(
        orientation="h", y=places, x=[row["projected_share"] or 0 for row in rows], width=0.62,
        marker={"color": [tint(_alarm(row), 0.3) for row in rows], "cornerradius": 3},
        hoverinfo="skip",
    )  # fmt: skip
    figure.add_bar(
        orientation="h", y=places, x=[row["spent_share"] or 0 for row in rows], width=0.3,
        marker={"color": [_alarm(row) for row in rows], "cornerradius": 3}, hoverinfo="text",
        hovertext=[f"{row['name']} · {_bar_words(row)}" for row in rows],
    )  # fmt: skip
    for place, row in enumerate(rows):
        _whisker(figure, place, row)
        label(figure, _furthest(row), place, _bar_words(row), xanchor="left", xshift=6)


def _furthest(row: dict[str, Any]) -> float:
    return max(row[key] or 0.0 for key in ("spent_share", "projected_share", "hi_share"))


def _whisker(figure: go.Figure, place: int, row: dict[str, Any]) -> None:
    if row["lo_share"] is not None:
        figure.add_scatter(
            x=[row["lo_share"], row["hi_share"]], y=[place, place], mode="lines",
            line={"color": _alarm(row), "width": 2}, hoverinfo="skip",
        )  # fmt: skip


def _alarm(row: dict[str, Any]) -> str:
    """Red where the whole band is over the budget or it is spent, orange where it may be."""
    spent, lo, hi = (row[key] or 0 for key in ("spent_share", "lo_share", "hi_share"))
    if max(spent, lo) > 1:
        return RED
    return ORANGE if max(hi, row["projected_share"] or 0) > 1 else BLUE


def _bar_words(row: dict[str, Any]) -> str:
    if row["spent_share"] is None:
        return "no spend known"
    said, end = f"{row['spent_share']:.0%}", row["projected_share"]
    return said if end is None else f"{said} → {end:.0%}"


def burn_rates(frame: pl.DataFrame) -> go.Figure:
    """How many times its pace each scope burns in an hour, six hours and a day, and what fires.

    `frame`: scope, long_min, pace, fires. What fires is red: both windows are beyond
    14.4, 6 or 3 times the pace.
    """
    figure = go.Figure()
    scopes = frame["scope"].fill_null("unknown").unique(maintain_order=True).to_list()
    for minutes, rows in frame.group_by("long_min", maintain_order=True):
        _paces(figure, scopes, int(str(minutes[0] or 0)), rows)
    figure.add_vline(x=1, line={"color": GREY, "width": 1.5, "dash": "dot"})
    firing = frame.filter("fires")["scope"].n_unique()
    finding = f"{firing} of {len(scopes)} budgets burn too fast."
    finish(figure, 24 * max(len(scopes), 1) + 70, finding)
    name_rows(figure, [words.clean(scope, 22) for scope in scopes])
    top = max([20.0, *(pace or 0 for pace in frame["pace"])])
    figure.update_layout(showlegend=True, legend={"orientation": "h", "y": 1.16, "x": 0})
    figure.update_xaxes(
        type="log", range=[math.log10(LEAST_PACE * 0.8), math.log10(top * 1.3)],
        tickvals=[0.1, 1, 3, 6, 14.4], ticktext=["0.1", "pace", "3×", "6×", "14×"], tickangle=0,
    )  # fmt: skip
    return figure


def _paces(figure: go.Figure, scopes: list[str], minutes: int, rows: pl.DataFrame) -> None:
    hours = minutes // 60
    figure.add_scatter(
        x=[max(pace or 0, LEAST_PACE) for pace in rows["pace"]],
        y=[scopes.index(scope or "unknown") for scope in rows["scope"]],
        mode="markers", name=f"{hours} h", hoverinfo="text",
        marker={
            "symbol": SHAPES.get(minutes, "x"), "size": 9,
            "color": [RED if fires else tint(BLUE, 0.8) for fires in rows["fires"]],
        },
        hovertext=[
            f"{scope or 'unknown'} · {hours} h · {pace or 0:.2f} times its pace"
            for scope, pace in rows.select("scope", "pace").iter_rows()
        ],
    )  # fmt: skip
