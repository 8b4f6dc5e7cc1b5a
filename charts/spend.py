"""What was spent, on what, and where the month will end."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import plotly.graph_objects as go
import polars as pl

from charts import words
from charts.base import BLUE, GREY, ORANGE, RED, finish, inked, label, name_rows, tint

CATEGORIES = {
    "llm_input": "input",
    "llm_output": "output",
    "llm_cache": "cache",
    "llm": "model",
}


def burn_up(
    frame: pl.DataFrame,
    *,
    month_start: date,
    month_end: date,
    as_of_day: date,
    budget_usd: float | None,
    projected_usd: float | None = None,
    lo_usd: float | None = None,
    hi_usd: float | None = None,
) -> go.Figure:
    """Spend of the month so far, the even pace, the budget, and the forecast with its 90 % band.

    `frame`: day, cost_usd. `month_end` is the last day; the projection and its ends are
    US dollars at that day, null without enough history.
    """
    days, total = _cumulative(frame, month_start, as_of_day)
    figure = go.Figure()
    if projected_usd is not None and as_of_day < month_end:
        ends = (projected_usd if v is None else v for v in (lo_usd, hi_usd))
        _forecast(figure, (as_of_day, total[-1]), (month_end, projected_usd), tuple(ends))
    if budget_usd is not None:
        _budget(figure, month_start, month_end, budget_usd)
    _so_far(figure, days, total, (budget_usd or 0) * len(days) / month_end.day)
    finish(figure, 290, _finding(total[-1], budget_usd, projected_usd))
    figure.update_layout(margin={"r": 22})
    top = max(v for v in (total[-1], budget_usd, projected_usd, hi_usd) if v is not None)
    figure.update_yaxes(tickprefix="$", tickformat="~s", range=[0, top * 1.14 or 1], nticks=6)
    _month(figure, month_start, month_end)
    return figure


def _month(figure: go.Figure, first: date, last: date) -> None:
    ticks = [first + timedelta(days=k) for k in (0, 7, 14, 21)] + [last]
    figure.update_xaxes(
        showgrid=False, range=[first, last], tickvals=ticks, tickangle=0,
        ticktext=[words.day(t) for t in ticks],
    )  # fmt: skip


def _so_far(figure: go.Figure, days: list[date], total: list[float], pace: float) -> None:
    """The line of spend, and its amount where neither the line nor the even pace runs."""
    figure.add_scatter(
        x=days, y=total, mode="lines", line={"color": BLUE, "width": 3}, fill="tozeroy",
        fillcolor=tint(BLUE, 0.1), hovertemplate="%{x|%d %b} · spent %{y:$,.2f}<extra></extra>",
    )  # fmt: skip
    spent = total[-1]
    text = inked(BLUE, f"{words.money(spent)} so far")
    if len(days) < 9:
        label(figure, days[-1], spent, text, xanchor="left", xshift=6, yshift=12)
    elif spent < pace:
        label(figure, days[-1], spent * 0.45, text, xanchor="right", xshift=-4)
    else:
        label(figure, days[-1], spent, text, xanchor="right", xshift=-8, yshift=12)


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


def _budget(figure: go.Figure, start: date, end: date, budget: float) -> None:
    figure.add_scatter(
        x=[start, end], y=[0, budget], mode="lines", hoverinfo="skip", name="even pace",
        line={"color": GREY, "width": 1.5, "dash": "dot"},
    )  # fmt: skip
    figure.add_hline(y=budget, line={"color": GREY, "width": 2})
    label(figure, start, budget, f"Budget {words.money(budget)}", xanchor="left", yshift=10)


def _finding(spent: float, budget: float | None, centre: float | None) -> str:
    said = f"{words.money(spent)} spent"
    if budget:
        said += f" of a budget of {words.money(budget)}"
    return said + (f"; the month is forecast to end at {words.money(centre)}." if centre else ".")


def spend_by_workflow(frame: pl.DataFrame) -> go.Figure:
    """Spend by workflow, most expensive first; what no workflow claims is its own grey bar.

    `frame`: workflow (null: unattributed), cost_usd, runs. Clicks carry the workflow.
    """
    rows = frame.filter(pl.col("cost_usd").is_not_null()).sort("cost_usd", descending=True)
    named = rows["workflow"].to_list()
    return _amounts(
        [words.clean(w, 26) if w else "unattributed" for w in named],
        rows["cost_usd"].to_list(),
        [tint(BLUE, 0.65) if w else tint(GREY, 0.5) for w in named],
        named,
    )


def spend_by_model(frame: pl.DataFrame, top: int = 12) -> go.Figure:
    """Spend by model, most expensive first; charges without a model stand under their service.

    `frame`: provider, model, category, cost_usd, input_tokens, output_tokens, lines.
    """
    rows = (
        frame.with_columns(pl.coalesce("model", pl.col("category")).alias("name"))
        .group_by("name")
        .agg(pl.col("cost_usd").sum())
        .sort("cost_usd", descending=True)
        .head(top)
    )
    names = [words.clean(n, 30) for n in rows["name"]]
    colours = [tint(BLUE, 0.65)] * len(names)
    return _amounts(names, rows["cost_usd"].to_list(), colours, rows["name"].to_list())


def _amounts(names: list[str], usd: list[float], colours: list[str], ids: list[Any]) -> go.Figure:
    figure = go.Figure()
    figure.add_bar(
        orientation="h", y=list(range(len(names))), x=usd,
        marker={"color": colours, "cornerradius": 3},
        customdata=[[i] for i in ids], hoverinfo="text",
        hovertext=[f"{n} · {words.money(v)}" for n, v in zip(names, usd, strict=True)],
        selected={"marker": {"opacity": 1}}, unselected={"marker": {"opacity": 0.5}},
    )  # fmt: skip
    for row, amount in enumerate(usd):
        label(figure, max(amount, 0), row, words.money(amount), xanchor="left", xshift=5)
    finding = f"{names[0]} costs most: {words.money(usd[0])}." if names else "No cost is recorded."
    finish(figure, 32 * max(len(names), 1) + 20, finding)
    name_rows(figure, names)
    top = max([v for v in usd if v > 0], default=1.0)
    figure.update_xaxes(range=[min([0.0, *usd]), top * 1.18], showticklabels=False, showgrid=False)
    return figure


def spend_daily(frame: pl.DataFrame) -> go.Figure:
    """Spend by day, stacked by the record it is known from; invoices first.

    `frame`: day, cost_usd, source.
    """
    sources = {
        "invoice": BLUE, "usage_api": tint(BLUE, 0.6), "gateway_log": ORANGE, "client_log": RED,
        "traces": GREY,
    }  # fmt: skip
    figure = go.Figure()
    for source, colour in sources.items():
        rows = frame.filter(pl.col("source") == source).sort("day")
        if rows.height:
            figure.add_bar(
                x=rows["day"].to_list(), y=rows["cost_usd"].to_list(), marker={"color": colour},
                name=source.replace("_", " "),
                hovertemplate="%{x|%d %b} · %{y:$,.2f}<extra>%{fullData.name}</extra>",
            )  # fmt: skip
    total = sum(frame["cost_usd"].drop_nulls().to_list())
    finish(figure, 260, f"{words.money(total)} over {frame['day'].n_unique()} days.")
    figure.update_layout(
        barmode="stack", showlegend=True, bargap=0.2, legend={"orientation": "h", "y": 1.14, "x": 0}
    )
    figure.update_yaxes(tickprefix="$", tickformat="~s", rangemode="tozero", nticks=5)
    figure.update_xaxes(showgrid=False, tickangle=0, nticks=7, tickformat="%-d %b")
    return figure
