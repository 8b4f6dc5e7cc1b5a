"""What was spent, on what, and what of it for nothing."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
import polars as pl

from charts import words
from charts.base import BLUE, GREEN, GREY, ORANGE, RED, finish, label, name_rows, tint


def spend_by(frame: pl.DataFrame, top: int = 12) -> go.Figure:
    """Spend by workflow, model or another label, most expensive first; the rest is a grey bar.

    `frame`: label (null: what the counting record holds beyond them), cost_usd. Clicks carry the
    label.
    """
    rows = frame.filter(pl.col("cost_usd").is_not_null()).sort(
        pl.col("label").is_null(), "cost_usd", descending=[False, True]
    )
    rows = rows.head(top)
    named = rows["label"].to_list()
    return _amounts(
        [words.clean(name, 28) if name else "unattributed" for name in named],
        rows["cost_usd"].to_list(),
        [tint(BLUE, 0.65) if name else tint(GREY, 0.5) for name in named],
        named,
    )


def waste(frame: pl.DataFrame) -> go.Figure:
    """Where the cost of runs went: what was useful, what is unknown, and every cause of waste.

    `frame`: cause, cost_usd, is_waste, share. Clicks carry the cause.
    """
    rows = frame.drop_nulls("cost_usd").sort("is_waste", "cost_usd", descending=[False, True])
    shades = {"useful": tint(GREEN, 0.6), "runs of unknown outcome": tint(GREY, 0.5)}
    names, usd = rows["cause"].to_list(), rows["cost_usd"].to_list()
    colours = [shades.get(name, tint(RED, 0.6)) for name in names]
    figure = _amounts(names, usd, colours, names, rows["share"].to_list())
    lost = rows.filter("is_waste").select(pl.col("cost_usd", "share").sum()).row(0, named=True)
    finding = f"{words.money(lost['cost_usd'])}, {words.percent(lost['share'])} of it"
    figure.update_layout(meta={"alt": f"{finding}, went into nothing."})
    return figure


def _amounts(
    names: list[str],
    usd: list[float],
    colours: list[str],
    ids: list[Any],
    shares: list[float | None] | None = None,
) -> go.Figure:
    said = [words.money(amount) for amount in usd]
    if shares:
        said = [f"{v} · {words.percent(share)}" for v, share in zip(said, shares, strict=True)]
    figure = go.Figure()
    figure.add_bar(
        orientation="h", y=list(range(len(names))), x=usd,
        marker={"color": colours, "cornerradius": 3},
        customdata=[[i] for i in ids], hoverinfo="text",
        hovertext=[f"{name} · {text}" for name, text in zip(names, said, strict=True)],
        selected={"marker": {"opacity": 1}}, unselected={"marker": {"opacity": 0.5}},
    )  # fmt: skip
    for row, amount in enumerate(usd):
        label(figure, max(amount, 0), row, said[row], xanchor="left", xshift=5)
    finding = f"{names[0]} costs most: {words.money(usd[0])}." if names else "No cost is recorded."
    finish(figure, 32 * max(len(names), 1) + 20, finding)
    name_rows(figure, names)
    top = max([v for v in usd if v > 0], default=1.0)
    figure.update_xaxes(
        range=[min([0.0, *usd]), top * (1.35 if shares else 1.18)],
        showticklabels=False,
        showgrid=False,
    )
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
