"""What production will cost, and whether cost grows with volume or faster."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import plotly.graph_objects as go
import polars as pl

from charts import words
from charts.base import BLUE, GREEN, GREY, ORANGE, RED, VIOLET, finish, label, name_rows, tint

DRIVERS = {
    "runs": ("runs_usd", tint(BLUE, 0.7)),
    "infrastructure": ("infrastructure_usd", tint(ORANGE, 0.7)),
    "review": ("review_usd", tint(VIOLET, 0.7)),
}
RUNS_A_DAY = {"text": "runs a day", "font": {"size": 12.5}}


def production_cost(frame: pl.DataFrame, budget_usd: float | None = None) -> go.Figure:
    """A projected month at one, five and ten times the fixed cost, by driver, against the budget.

    `frame`: stress, runs_usd, infrastructure_usd, review_usd (null: not declared, not drawn),
    monthly_usd, lo_usd, hi_usd (90 %, the whisker).
    """
    rows = frame.drop_nulls("monthly_usd").sort("stress").to_dicts()
    figure = go.Figure()
    for name, (column, colour) in DRIVERS.items():
        _bars(figure, name, [row[column] for row in rows], colour)
    for at, row in enumerate(rows):
        _whisker(figure, at, row)
        end = max(row["monthly_usd"], row["hi_usd"] or 0)
        label(figure, end, at, words.money(row["monthly_usd"]), xanchor="left", xshift=6)
    ends = [max(row["monthly_usd"], row["hi_usd"] or 0) for row in rows]
    most = max([*ends, budget_usd or 0]) or 1.0
    finish(
        figure, 44 * max(len(rows), 1) + 58, _finding(rows, budget_usd), barmode="stack",
        showlegend=bool(rows), legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0,
                                             "traceorder": "normal"},
        margin={"l": 0, "r": 8, "t": 34, "b": 18},
    )  # fmt: skip
    name_rows(figure, [f"{row['stress']:g}× infrastructure" for row in rows] or ["no cost yet"])
    if budget_usd is not None:
        figure.add_vline(x=budget_usd, line={"color": RED, "width": 1.5, "dash": "dot"})
        budget = f"budget {words.money(budget_usd)}"
        label(figure, budget_usd, 0, budget, yref="paper", yanchor="top", size=11.5)
    figure.update_xaxes(range=[0, most * 1.2], showticklabels=False, showgrid=False)
    return figure


def _bars(figure: go.Figure, name: str, amounts: list[float | None], colour: str) -> None:
    known = [(at, usd) for at, usd in enumerate(amounts) if usd is not None]
    if known:
        figure.add_bar(
            orientation="h", name=name, y=[at for at, _ in known], x=[usd for _, usd in known],
            marker={"color": colour}, hoverinfo="text",
            hovertext=[f"{name} · {words.money(usd)} a month" for _, usd in known],
        )  # fmt: skip


def _whisker(figure: go.Figure, at: int, row: dict[str, Any]) -> None:
    if row["lo_usd"] is not None and row["hi_usd"] is not None:
        figure.add_scatter(
            x=[row["lo_usd"], row["hi_usd"]], y=[at, at], mode="lines", showlegend=False,
            line={"color": GREY, "width": 3}, hoverinfo="text",
            hovertext=f"90%: {words.money(row['lo_usd'])} to {words.money(row['hi_usd'])}",
        )  # fmt: skip


def _finding(rows: list[dict[str, Any]], budget_usd: float | None) -> str:
    if not rows:
        return "No run has a known cost yet."
    first, last = rows[0], rows[-1]
    said = f"{words.money(first['monthly_usd'])} a month"
    if len(rows) > 1:
        said += f", {words.money(last['monthly_usd'])} at {last['stress']:g} times the fixed cost"
    return f"{said}; the budget is {words.money(budget_usd)}." if budget_usd else f"{said}."


def scaling_curve(
    frame: pl.DataFrame,
    exponent: float | None = None,
    lo: float | None = None,
    hi: float | None = None,
    silence: str = "",
) -> go.Figure:
    """Cost a day over runs a day on logarithmic axes, with the fitted line and what it means.

    `frame`: day, runs, cost_usd. `exponent` with the ends of its 95 % interval; where it is null,
    `silence` says why and no line is drawn.
    """
    rows = frame.filter((pl.col("runs") > 0) & (pl.col("cost_usd") > 0)).sort("runs", "day")
    figure, finding = _scatter(rows), silence or "The growth of cost with volume is not told yet."
    runs, usd = rows["runs"].to_list(), rows["cost_usd"].to_list()
    if exponent is not None and runs:
        ends, line = _fitted(runs, usd, exponent), {"color": GREY, "width": 2}
        figure.add_scatter(x=[runs[0], runs[-1]], y=ends, mode="lines", line=line, hoverinfo="skip")
        finding = f"Ten times the runs cost {10**exponent:.1f} times as much"
        finding += f" (95%: {10**lo:.1f} to {10**hi:.1f})." if lo and hi else "."
    finish(figure, 240, finding, margin={"l": 0, "r": 8, "t": 40, "b": 0})
    label(figure, 0, 1, words.wrapped(finding, 48), xref="paper", yref="paper", xanchor="left",
          yanchor="bottom", align="left")  # fmt: skip
    figure.update_xaxes(**_log_axis(runs, words.count), title=RUNS_A_DAY, showgrid=False)
    figure.update_yaxes(**_log_axis(usd, words.money))
    return figure


def _scatter(rows: pl.DataFrame) -> go.Figure:
    """One dot a day."""
    figure = go.Figure()
    figure.add_scatter(
        x=rows["runs"].to_list(), y=rows["cost_usd"].to_list(), mode="markers",
        marker={"color": tint(BLUE, 0.7), "size": 8}, hoverinfo="text",
        hovertext=[
            f"{words.day(day)} · {words.count(n)} runs · {words.money(cost)}"
            for day, n, cost in rows.select("day", "runs", "cost_usd").iter_rows()
        ],
    )  # fmt: skip
    return figure


def _log_axis(values: list[float], write: Callable[[float | None], str]) -> dict[str, Any]:
    """A logarithmic axis around the values with ticks at 1, 2 and 5; at 1 where they are many."""
    lo, hi = (math.log10(end) for end in (min(values, default=1), max(values, default=10)))
    lo, hi = lo - 0.08, hi + 0.08
    decades = range(math.floor(lo), math.ceil(hi) + 1)
    steps = (1, 2, 5) if hi - lo < 2.5 else (1,)
    shown = [s * 10.0**e for e in decades for s in steps if lo <= math.log10(s) + e <= hi]
    ticks = {"tickvals": shown, "ticktext": [write(tick) for tick in shown]}
    return {"type": "log", "range": [lo, hi], "tickangle": 0, **ticks}


def _fitted(runs: list[int], usd: list[float], exponent: float) -> list[float]:
    """The line of that exponent through the means of the logarithms, at both ends."""
    x = [math.log(n) for n in runs]
    y = math.fsum(math.log(cost) for cost in usd) / len(usd)
    return [math.exp(y + exponent * (end - math.fsum(x) / len(x))) for end in (x[0], x[-1])]


def prospects(frame: pl.DataFrame) -> go.Figure:
    """What a month at the declared volume takes of each workflow's budget, and who does not fit.

    `frame`: workflow, state (as evaluated), monthly_usd, budget_share, lo, hi (95 %, of the
    budget). Clicks carry the workflow.
    """
    rows = frame.to_dicts()
    known = [row["budget_share"] or 0.0 for row in rows]
    figure = go.Figure()
    figure.add_bar(
        orientation="h", y=list(range(len(rows))), x=known, hoverinfo="text",
        marker={"color": [tint(STATES.get(row["state"], GREY), 0.6) for row in rows]},
        customdata=[[row["workflow"]] for row in rows],
        hovertext=[f"{row['workflow']} · {_share(row)}" for row in rows],
        error_x=_ranges(rows),
    )  # fmt: skip
    ends = [max(at, row["hi"] or 0.0) for row, at in zip(rows, known, strict=True)]
    for place, (row, end) in enumerate(zip(rows, ends, strict=True)):
        label(figure, end, place, _share(row), xanchor="left", xshift=8)
    figure.add_vline(x=1, line={"color": GREY, "width": 2})
    over = sum(row["state"] == "red" for row in rows)
    finish(figure, 32 * max(len(rows), 1) + 40, f"{over} of {len(rows)} do not fit their budget.")
    name_rows(figure, [words.clean(row["workflow"], 26) for row in rows])
    figure.update_xaxes(
        range=[0, max([1.0, *ends]) * 1.4], tickvals=[1], ticktext=["the budget"], showgrid=False
    )
    return figure


def _ranges(rows: list[dict[str, Any]]) -> dict[str, Any]:
    shape = {"type": "data", "symmetric": False, "color": GREY, "thickness": 2, "width": 4}
    mids = [row["budget_share"] or 0.0 for row in rows]
    above = [(row["hi"] or mid) - mid for row, mid in zip(rows, mids, strict=True)]
    below = [mid - (row["lo"] or mid) for row, mid in zip(rows, mids, strict=True)]
    return shape | {"array": above, "arrayminus": below}


STATES = {"green": GREEN, "amber": ORANGE, "red": RED}


def _share(row: dict[str, Any]) -> str:
    if row["budget_share"] is None:
        return "not provable yet"
    return f"{words.money(row['monthly_usd'])} a month, {row['budget_share']:.0%} of the budget"
