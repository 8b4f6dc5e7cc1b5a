"""What happened inside one run, on a time line."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import plotly.graph_objects as go
import polars as pl

from charts import words
from charts.base import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    RED,
    VIOLET,
    duration_ticks,
    finish,
    inked,
    label,
    tint,
)

KIND = {
    "agent": tint(GREY, 0.3), "chain": tint(GREY, 0.3), "llm": BLUE, "tool": ORANGE,
    "retrieval": VIOLET, "guardrail": GREEN, "human": VIOLET, "plan": BLUE, "other": GREY,
}  # fmt: skip
MOST = 60
GUTTER = 0.55


def visible(frame: pl.DataFrame, most: int = MOST) -> pl.DataFrame:
    """The steps that fit: the deepest levels are folded away first, then the latest steps."""
    rows = frame.sort("seq")
    depth = rows["depth"].max() if rows.height else 0
    while rows.height > most and isinstance(depth, int) and depth > 0:
        depth -= 1
        rows = rows.filter(pl.col("depth") <= depth)
    return rows.head(most)


def waterfall(frame: pl.DataFrame) -> go.Figure:
    """One bar a step from its start to its end; errors are hatched and marked with a cross.

    `frame`: step_id, seq, depth, kind, name, status, in_band_error, error_class, started_at,
    duration_ms. At most 60 steps. Clicks carry step_id. Steps without a time have no bar.
    """
    rows = [_timed(r) for r in visible(frame).iter_rows(named=True)]
    starts = [r["started_at"] for r in rows if r["started_at"] is not None]
    first = min(starts) if starts else None
    for row in rows:
        row["from_ms"] = _offset(row["started_at"], first)
    end = max([r["from_ms"] + r["ms"] for r in rows] or [0.0]) or 1.0
    figure = go.Figure()
    _bars(figure, rows)
    for at, row in enumerate(rows):
        _texts(figure, at, row, end)
    failed = [words.clean(r["name"]) for r in rows if r["failed"]]
    finding = f"{frame.height} steps in {words.duration(end if starts else None)}; " + (
        f"{len(failed)} failed, first {failed[0]}." if failed else "none failed."
    )
    finish(figure, 27 * max(len(rows), 1) + 30, finding)
    figure.update_yaxes(
        type="category", range=[len(rows) - 0.4, -0.6], showgrid=False, showticklabels=False,
        showline=False, ticks="",
    )  # fmt: skip
    figure.update_xaxes(
        side="top", range=[-GUTTER * end, end * 1.14], showgrid=True, tickangle=0,
        **duration_ticks(end),
    )  # fmt: skip
    return figure


def _timed(row: dict[str, Any]) -> dict[str, Any]:
    failed = row["status"] == "error" or bool(row["in_band_error"])
    return row | {"ms": row["duration_ms"] or 0.0, "failed": failed}


def _offset(at: datetime | None, first: datetime | None) -> float:
    return 0.0 if at is None or first is None else (at - first).total_seconds() * 1000


def _bars(figure: go.Figure, rows: list[dict[str, Any]]) -> None:
    hatched = [r["failed"] and r["kind"] not in ("agent", "chain") for r in rows]
    figure.add_bar(
        orientation="h", width=0.6, y=[r["step_id"] for r in rows],
        x=[r["ms"] if r["started_at"] is not None else None for r in rows],
        base=[r["from_ms"] for r in rows],
        marker={
            "color": [KIND.get(r["kind"], GREY) for r in rows], "cornerradius": 3,
            "line": {"width": [2 if h else 0 for h in hatched], "color": RED},
            "pattern": {
                "shape": ["/" if h else "" for h in hatched], "fgcolor": RED, "size": 6,
                "solidity": 0.3,
            },
        },
        customdata=[[r["step_id"]] for r in rows], unselected={"marker": {"opacity": 0.5}},
        hovertext=[_hover(r) for r in rows], hovertemplate="%{hovertext}<extra></extra>",
    )  # fmt: skip


def _texts(figure: go.Figure, at: int, row: dict[str, Any], end: float) -> None:
    indent = min(row["depth"], 7) * end * 0.022
    name = words.clean(row["name"], 30 - 2 * min(row["depth"], 7))
    text = (inked(RED, "✕ ") if row["failed"] else "") + name
    bold = f"<b>{text}</b>" if row["depth"] == 0 else text
    label(figure, indent - GUTTER * end, at, bold, xanchor="left")
    after = words.duration(row["duration_ms"]) if row["started_at"] is not None else "no time"
    label(figure, row["from_ms"] + row["ms"], at, after, xanchor="left", xshift=4, size=11.5)


def _hover(row: dict[str, Any]) -> str:
    ended = "failed" if row["failed"] else row["status"]
    reason = f" ({row['error_class']})" if row["error_class"] else ""
    return (
        f"<b>{words.clean(row['name'])}</b><br>{row['kind']} · {ended}{reason}<br>starts at "
        f"{words.duration(row['from_ms'])} · lasts {words.duration(row['duration_ms'])}"
    )
