"""Money that goes from one amount to another in steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from ui import store
from ui.store import Answer

STEP = {"name": pl.String, "usd": pl.Float64, "why": pl.String}
Step = tuple[str, float | None, str]


def steps(rows: Sequence[Step], name: str, *arguments: Any) -> Answer:
    """Rows of charts.money_steps: what each step is, moves and rests on; the ends are totals."""
    frame = pl.DataFrame(rows, schema=STEP, orient="row").with_row_index("place")
    is_end = pl.col("place").is_in((0, len(rows) - 1))
    shown = frame.select("name", "usd", is_end.alias("is_total"), "why")
    return store.answer(shown, name, *arguments)
