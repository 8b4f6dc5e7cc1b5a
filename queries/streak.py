"""Since when a check has been in its state, and in which it was before."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import polars as pl


class Streak(NamedTuple):
    """The present state, its first evaluation, the state before, and whole weeks since then.

    before is None where every evaluation gave the same state.
    """

    state: str
    since: datetime
    before: str | None
    weeks: int


def streak(history: pl.DataFrame) -> Streak | None:
    """The streak a check is in, from its evaluations (as_of, state); None where there is none."""
    rows = history.select("as_of", "state").sort("as_of", descending=True).rows()
    if not rows:
        return None
    newest, state = rows[0]
    since, before = newest, None
    for as_of, was in rows:
        if was != state:
            before = was
            break
        since = as_of
    return Streak(state, since, before, (newest - since).days // 7)
