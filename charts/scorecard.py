"""States in grids: workflows by patterns, workflows by checks, checks by weeks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import plotly.graph_objects as go
import polars as pl

from charts import words
from charts.base import GREEN, GREY, ORANGE, RED, tint
from charts.history import recent
from charts.matrix import Cell, Scale, grid

LEVEL = {"green": 1.0, "amber": 2.0, "red": 3.0}
FAILING = ("red", "held")
BANDS = (tint(GREY, 0.1), tint(GREEN, 0.2), tint(ORANGE, 0.34), tint(RED, 0.5))
STOPS = [(edge / 4, fill) for place, fill in enumerate(BANDS) for edge in (place, place + 1)]
SCALE = Scale(STOPS, -0.5, 3.5)


def scorecard_matrix(frame: pl.DataFrame) -> go.Figure:
    """Workflows by patterns; only green, amber and red are coloured, the rest is grey.

    `frame`: workflow, stage, pattern, title, short, shown, verdict, measured, total, in the order
    to draw. Clicks carry workflow and pattern.
    """
    cells = [_cell(row) for row in frame.iter_rows(named=True)]
    rows = list(dict.fromkeys(c.row for c in cells))
    shorts = frame.select("pattern", "short").iter_rows()
    headings = {pattern: short.replace("\n", "<br>") for pattern, short in shorts}
    failing = frame.filter(pl.col("shown").is_in(FAILING))
    named = [f"{words.clean(w)}: {t}" for w, t in failing.select("workflow", "title").iter_rows()]
    finding = "Failing: " + "; ".join(named) + "." if named else _none(frame)
    return grid(cells, rows, headings, SCALE, finding)


def check_matrix(frame: pl.DataFrame) -> go.Figure:
    """Workflows by the checks of one pattern.

    `frame`: workflow, stage, check_id, title, shown, verdict, sentence, in the order to draw.
    Clicks carry workflow and check.
    """
    cells = []
    for row in frame.iter_rows(named=True):
        workflow, sentence = words.clean(row["workflow"], 24), words.clean(row["sentence"], 400)
        hover = f"<b>{workflow}</b> · {row['verdict']}<br>{words.wrapped(sentence)}"
        cells.append(_state(row, (row["workflow"], row["check_id"]), hover))
    rows = list(dict.fromkeys(c.row for c in cells))
    headings = {check: check for check in dict.fromkeys(c.column for c in cells)}
    failing = frame.filter(pl.col("shown").is_in(FAILING))
    pairs = failing.select("workflow", "check_id").iter_rows()
    named = [f"{words.clean(workflow)} {check}" for workflow, check in pairs]
    finding = "Failing: " + "; ".join(named) + "." if named else _none(frame)
    return grid(cells, rows, headings, SCALE, finding)


def state_weeks(frame: pl.DataFrame) -> go.Figure:
    """Checks by the evaluations of twelve weeks, as issued then; empty where there was none.

    `frame`: as_of, check_id, shown, verdict, in the order of the checks. Clicks carry the check.
    """
    days: list[datetime] = recent(frame.select("as_of").unique())["as_of"].to_list()
    shown = frame.filter(pl.col("as_of").is_in(days))
    cells = []
    for row in shown.iter_rows(named=True):
        column = row["as_of"].isoformat()
        hover = f"<b>{row['check_id']}</b> · {words.day(row['as_of'])}<br>{row['verdict']}"
        level, sign = LEVEL.get(row["shown"], 0.0), row["verdict"].partition(" ")[0]
        outline = RED if row["shown"] == "held" else None
        cells.append(Cell(row["check_id"], column, level, sign, hover, (row["check_id"],), outline))
    headings = {day.isoformat(): words.day(day) for day in days}
    rows = list(dict.fromkeys(c.row for c in cells))
    finding = f"{len(rows)} checks over {len(days)} evaluations."
    return grid(cells, rows, headings, SCALE, finding)


def _none(frame: pl.DataFrame) -> str:
    return f"No cell of {frame.height} is failing."


def _cell(row: dict[str, Any]) -> Cell:
    hover = (
        f"<b>{words.clean(row['workflow'], 24)}</b> ({row['stage'] or 'stage unknown'})<br>"
        f"{row['title']}: {row['verdict']}<br>{row['measured']} of {row['total']} checks measured"
    )
    return _state(row, (row["workflow"], row["pattern"]), hover)


def _state(row: dict[str, Any], ids: tuple[str, str], hover: str) -> Cell:
    text = (row["verdict"] or words.UNKNOWN).replace(", ", ",<br>")
    outline = RED if row["shown"] == "held" else None
    return Cell(*ids, LEVEL.get(row["shown"], 0.0), text, hover, ids, outline)
