"""How long steps and runs take."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
import polars as pl

from charts import words
from charts.base import (
    BLUE,
    GREY,
    ORANGE,
    VIOLET,
    day_ticks,
    duration_axis,
    finish,
    name_rows,
    tint,
)

KINDS = {"human": VIOLET, "tool": ORANGE}


def latency_by_step(frame: pl.DataFrame, top: int = 12, people: bool = False) -> go.Figure:
    """Median dot, thick bar to p90, thin bar to p99, on a logarithmic axis; slowest path first.

    `frame`: workflow, step, kind, n, p50_ms, p90_ms, p95_ms, p99_ms, self_ms_total. Clicks carry
    workflow and step. Steps without a known duration are left out. Waits for people have a
    picture of their own, `people`: beside machines they would hide everything else.
    """
    waits = pl.col("kind") == "human"
    known = frame.filter(pl.col("p50_ms").is_not_null() & (waits if people else waits.not_()))
    shown = known.sort("self_ms_total", descending=True, nulls_last=True).head(top)
    several = shown["workflow"].n_unique() > 1
    rows = [_named(at, row, several) for at, row in enumerate(shown.iter_rows(named=True))]
    figure = go.Figure()
    for a, b, width, alpha in (("p90_ms", "p99_ms", 4, 0.35), ("p50_ms", "p90_ms", 10, 0.6)):
        for colour in dict.fromkeys(r["colour"] for r in rows):
            same = [r for r in rows if r["colour"] == colour]
            _bars(figure, same, a, b, width, tint(colour, alpha))
    _dots(figure, rows)
    slow = f"{words.clean(rows[0]['step'])} takes most time" if rows else "No step has a duration"
    finish(figure, (38 if several else 30) * max(len(rows), 1) + 34, f"{slow}.")
    edges = [r[c] for r in rows for c in ("p50_ms", "p90_ms", "p99_ms")]
    figure.update_xaxes(**duration_axis(edges))
    name_rows(figure, [r["label"] for r in rows])
    figure.update_yaxes(tickfont={"size": 11.5})
    return figure


def _dots(figure: go.Figure, rows: list[dict[str, Any]]) -> None:
    """The medians; they take the clicks and carry the numbers."""
    figure.add_scatter(
        x=[r["p50_ms"] for r in rows], y=[r["at"] for r in rows], mode="markers",
        marker={"size": 13, "color": [r["colour"] for r in rows]},
        selected={"marker": {"size": 17}}, unselected={"marker": {"opacity": 0.6}},
        customdata=[[r["workflow"], r["step"]] for r in rows],
        hovertext=[_hover(r) for r in rows], hovertemplate="%{hovertext}<extra></extra>",
    )  # fmt: skip


def _named(at: int, row: dict[str, Any], several: bool) -> dict[str, Any]:
    name = words.clean(row["step"], 22)
    label = f"{name}<br>{words.clean(row['workflow'], 22)}" if several else name
    return row | {"at": at, "label": label, "colour": KINDS.get(row["kind"], BLUE)}


def _bars(
    figure: go.Figure, rows: list[dict[str, Any]], a: str, b: str, width: int, colour: str
) -> None:
    """One trace for all bars of a width: segments separated by gaps."""
    drawn = [r for r in rows if r[a] is not None and r[b] is not None]
    figure.add_scatter(
        x=[x for r in drawn for x in (r[a], r[b], None)],
        y=[y for r in drawn for y in (r["at"], r["at"], None)],
        mode="lines", line={"width": width, "color": colour}, hoverinfo="skip",
    )  # fmt: skip


def _hover(row: dict[str, Any]) -> str:
    parts = [f"p{q} {words.duration(row[f'p{q}_ms'])}" for q in (50, 90, 95, 99)]
    return f"<b>{row['label']}</b><br>{' · '.join(parts)}<br>{row['n']:,} {row['kind']} steps"


def latency_daily(frame: pl.DataFrame) -> go.Figure:
    """Machine time of runs by day: median and p95.

    `frame`: day, n, p50_ms, p95_ms.
    """
    rows = frame.sort("day")
    figure = go.Figure()
    for column, colour, name in (("p95_ms", ORANGE, "p95"), ("p50_ms", BLUE, "median")):
        texts = [words.duration(v) for v in rows[column]]
        figure.add_scatter(
            x=rows["day"].to_list(), y=rows[column].to_list(), mode="lines+markers", name=name,
            line={"color": colour, "width": 2.5}, marker={"size": 5},
            customdata=list(zip(texts, rows["n"], strict=True)),
            hovertemplate=f"%{{x|%d %b}} · {name} %{{customdata[0]}} of %{{customdata[1]:,}} runs"
            "<extra></extra>",
        )  # fmt: skip
    last = rows.row(-1, named=True) if rows.height else {}
    finding = f"Last day: median {words.duration(last.get('p50_ms'))}, p95 "
    finish(figure, 260, finding + words.duration(last.get("p95_ms")) + ".", showlegend=True)
    figure.update_layout(legend={"orientation": "h", "y": 1.12, "x": 0})
    axis = duration_axis([*rows["p50_ms"], *rows["p95_ms"]])
    figure.update_yaxes(**axis)
    figure.update_xaxes(**day_ticks(rows["day"].to_list()))
    return figure


def latency_distribution(frame: pl.DataFrame) -> go.Figure:
    """Share of values at or below each duration, with p50 and p95 marked.

    `frame`: bucket_ms, n, cumulative_share.
    """
    rows = frame.filter(pl.col("bucket_ms") > 0).sort("bucket_ms")
    x, y = rows["bucket_ms"].to_list(), rows["cumulative_share"].to_list()
    figure = go.Figure()
    figure.add_scatter(
        x=x, y=y, mode="lines", line={"color": BLUE, "width": 2.5, "shape": "hv"},
        fill="tozeroy", fillcolor=tint(BLUE, 0.1), customdata=[words.duration(v) for v in x],
        hovertemplate="%{y:.1%} within %{customdata}<extra></extra>",
    )  # fmt: skip
    marks = [(q, next((a for a, b in zip(x, y, strict=True) if b >= q), None)) for q in (0.5, 0.95)]
    for q, at in marks:
        if at is not None:
            figure.add_vline(x=at, line={"color": GREY, "width": 1.5, "dash": "dot"})
            _mark(figure, at, q)
    half, most = (words.duration(at) for _, at in marks)
    finding = f"Half within {half}, 95% within {most}."
    finish(figure, 260, finding)
    figure.update_xaxes(**duration_axis(x))
    figure.update_yaxes(tickformat=".0%", range=[0, 1.02])
    return figure


def _mark(figure: go.Figure, ms: float, q: float) -> None:
    """A percentile's name beside its line; positions on a logarithmic axis are exponents."""
    figure.add_annotation(
        x=pl.Series([ms]).log10()[0], y=q, text=f"p{q * 100:.0f} {words.duration(ms)}",
        showarrow=False, xanchor="right", xshift=-6, yshift=8,
    )  # fmt: skip
