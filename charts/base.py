"""What all figures share. Ink, grid and ground belong to the theme, which may flip at any time.

Data colours are mid-tones that read on light and dark; fills are translucent; cell labels are
annotations. The finding of a figure goes into `layout.meta`, from where it becomes its alt text.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from charts import words

BLUE, ORANGE, GREEN, RED, VIOLET, GREY = (
    "#3d7de0",
    "#d9822b",
    "#17a07e",
    "#d65a3c",
    "#8574d6",
    "#8794a8",
)
MIN_RUNS = 30
CLEAR = "rgba(0,0,0,0)"
TICKS_MS = (
    *(s * 10.0**e for e in (-1, 0, 1, 2, 3) for s in (1, 2, 5)),
    *(s * 1e3 for s in (10, 20, 30)),
    *(m * 60e3 for m in (1, 2, 5, 10, 20, 30)),
    *(h * 3600e3 for h in (1, 2, 4, 8, 12, 24, 48, 120, 240, 720)),
)


def tint(colour: str, alpha: float) -> str:
    """A data colour made translucent."""
    r, g, b = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({r},{g},{b},{alpha})"


def inked(colour: str, text: str) -> str:
    """Words of a figure in a data colour."""
    return f"<span style='color:{colour}'>{text}</span>"


def finish(figure: go.Figure, height: int, finding: str, **layout: Any) -> go.Figure:
    """Size, margins and the finding; nothing that a theme decides."""
    settings = {
        "height": height,
        "margin": {"l": 0, "r": 8, "t": 8, "b": 0},
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        "showlegend": False,
        "dragmode": False,
        "font": {"size": 12.5},
        "meta": {"alt": finding},
        "bargap": 0.35,
    }
    figure.update_layout(settings | layout)
    figure.update_xaxes(zeroline=False, fixedrange=True)
    figure.update_yaxes(zeroline=False, fixedrange=True)
    return figure


def label(figure: go.Figure, x: Any, y: Any, text: str, **placing: Any) -> None:
    """One piece of text at a place of the data."""
    size = {"font": {"size": placing.pop("size", 12.5)}}
    figure.add_annotation(x=x, y=y, text=text, showarrow=False, **size, **placing)


def name_rows(figure: go.Figure, names: Sequence[str]) -> None:
    """Rows 0, 1, 2 … from the top under their names; long names may look alike and stay apart."""
    figure.update_yaxes(
        range=[len(names) - 0.5, -0.5], tickvals=list(range(len(names))), ticktext=list(names),
        showgrid=False, showline=False, ticks="", ticksuffix="  ",
    )  # fmt: skip


def duration_axis(values: Sequence[float | None]) -> dict[str, Any]:
    """A logarithmic axis in milliseconds around the values, with readable ticks."""
    known = [v for v in values if v is not None and v > 0] or [100.0, 10_000.0]
    lo, hi = math.log10(min(known)) - 0.12, math.log10(max(known)) + 0.12
    shown: list[float] = []
    for tick in (t for t in TICKS_MS if lo <= math.log10(t) <= hi):
        if not shown or math.log10(tick / shown[-1]) >= (hi - lo) * 0.15:
            shown.append(tick)
    return {
        "type": "log",
        "range": [lo, hi],
        "tickvals": shown,
        "ticktext": [_tick(t) for t in shown],
        "showgrid": True,
        "tickangle": 0,
    }


def duration_ticks(end_ms: float) -> dict[str, Any]:
    """At most five round times from zero to the end, for a linear axis."""
    step = next((t for t in sorted(set(TICKS_MS)) if end_ms / t <= 5), end_ms)
    shown = [step * k for k in range(int(end_ms / step) + 1)]
    return {"tickvals": shown, "ticktext": [_tick(t) if t else "0" for t in shown]}


def _tick(ms: float) -> str:
    for size, unit in ((86400e3, "d"), (3600e3, "h"), (60e3, "min"), (1e3, "s")):
        if ms >= size:
            return f"{ms / size:g} {unit}"
    return f"{ms:g} ms"


def day_ticks(days: Sequence[Any]) -> dict[str, Any]:
    """At most six ticks over the days, the last one among them."""
    if not days:
        return {"tickvals": [], "showgrid": False}
    step = max(1, math.ceil(len(days) / 6))
    shown = list(days)[::-1][::step][::-1]
    return {
        "tickvals": shown,
        "ticktext": [words.day(d) for d in shown],
        "showgrid": False,
        "tickangle": 0,
    }
