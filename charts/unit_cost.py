"""What one success costs over time, and money that moves or adds up in steps."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
import polars as pl

from charts import words
from charts.base import BLUE, GREEN, GREY, MIN_RUNS, RED, finish, label, name_rows, tint


def cost_per_success(frame: pl.DataFrame, *, target_usd: float | None = None) -> go.Figure:
    """Cost of a success by week with its 95 % interval, weeks of few successes pale, the target.

    `frame`: at (a Monday), usd, lo_usd, hi_usd, n (successes). US dollars.
    """
    rows = frame.drop_nulls("usd").to_dicts()
    figure = go.Figure()
    figure.add_scatter(
        x=[row["at"] for row in rows], y=[row["usd"] for row in rows], mode="lines+markers",
        line={"color": tint(BLUE, 0.5), "width": 2}, error_y=_whiskers(rows), hoverinfo="text",
        marker={"color": [_trusted(row["n"]) for row in rows], "size": 9},
        hovertext=[_week_words(row) for row in rows],
    )  # fmt: skip
    if target_usd is not None:
        figure.add_hline(y=target_usd, line={"color": GREY, "width": 2})
    finding = (
        f"{words.money(rows[-1]['usd'])} a success in the last week." if rows else "No success."
    )
    finish(figure, 260, finding)
    figure.update_yaxes(tickprefix="$", rangemode="tozero", nticks=5)
    figure.update_xaxes(showgrid=False, tickformat="%e %b", nticks=8, tickangle=0)
    return figure


def _trusted(n: int | None) -> str:
    return BLUE if (n or 0) >= MIN_RUNS else tint(GREY, 0.7)


def _whiskers(rows: list[dict[str, Any]]) -> dict[str, Any]:
    above = [0.0 if row["hi_usd"] is None else row["hi_usd"] - row["usd"] for row in rows]
    below = [0.0 if row["lo_usd"] is None else row["usd"] - row["lo_usd"] for row in rows]
    shape = {"type": "data", "symmetric": False, "color": tint(BLUE, 0.6), "width": 4}
    return shape | {"array": above, "arrayminus": below}


def _week_words(row: dict[str, Any]) -> str:
    ends = f"{words.money(row['lo_usd'])}–{words.money(row['hi_usd'])}"
    amount = f"{words.money(row['usd'])} ({ends})"
    return f"week of {words.day(row['at'])} · {amount} · {row['n'] or 0:,} successes"


def money_steps(frame: pl.DataFrame) -> go.Figure:
    """From one amount to another in steps: what adds in red, what takes away in green.

    `frame`: name, usd, is_total (the first and the last row; their amounts stand from zero).
    """
    rows = [_spelt(row) for row in frame.drop_nulls("usd").iter_rows(named=True)]
    base, running = [], 0.0
    for row in rows:
        base.append(0.0 if row["is_total"] else running)
        running = base[-1] + row["usd"]
    figure = go.Figure()
    figure.add_bar(
        orientation="h", y=list(range(len(rows))), x=[row["usd"] for row in rows], base=base,
        marker={"color": [row["colour"] for row in rows], "cornerradius": 3}, hoverinfo="text",
        hovertext=[f"{row['name']} · {row['amount']}" for row in rows],
    )  # fmt: skip
    ends = [max(start, start + row["usd"]) for start, row in zip(base, rows, strict=True)]
    for place, (end, row) in enumerate(zip(ends, rows, strict=True)):
        label(figure, end, place, row["amount"], xanchor="left", xshift=5)
    finding = (
        f"From {rows[0]['amount']} to {rows[-1]['amount']}." if rows else "Nothing to compare."
    )
    finish(figure, 30 * max(len(rows), 1) + 16, finding)
    name_rows(figure, [str(row["name"]) for row in rows])
    low = min([0.0, *base, *(s + r["usd"] for s, r in zip(base, rows, strict=True))])
    figure.update_xaxes(range=[low, max([1e-9, *ends]) * 1.2], showticklabels=False, showgrid=False)
    return figure


def _spelt(row: dict[str, Any]) -> dict[str, Any]:
    """The row with its colour and its amount in words; a step bears its sign."""
    if row["is_total"]:
        return row | {"colour": tint(BLUE, 0.65), "amount": words.money(row["usd"])}
    colour = tint(RED if row["usd"] > 0 else GREEN, 0.65)
    return row | {"colour": colour, "amount": words.change(words.money)(row["usd"])}
