"""Why spend moved between a window and the one before it: parts that add up to the move."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from queries.engine import Connection, run
from queries.grading.decomposition import divisia
from queries.money.amounts import usd
from queries.money.moves.cells import Cell, Runs, cells, chains
from queries.money.moves.explained import between, explained, unsure
from queries.money.rates import PriceList

UNPRICED = "calls without a price"
FACTORS = ("volume", "steps per run", "retries", "model mix", UNPRICED, "tokens per step", "cache",
           "price")  # fmt: skip


class Part(NamedTuple):
    """One reason of a move, what it moved in US dollars, and its numbers before and after."""

    name: str
    usd: float
    words: str


class Moves(NamedTuple):
    """Spend of the earlier and the later window, and the parts of the move between them.

    Amounts are US dollars of the record that counts (spend_total.sql), null where nothing is known;
    then there are no parts. Otherwise they add up to after_usd - before_usd. `notes` are sentences
    on what the parts cannot tell.
    """

    before_usd: float | None
    after_usd: float | None
    parts: tuple[Part, ...]
    notes: tuple[str, ...]
    runs_before: int
    runs_after: int


def moves(
    connection: Connection,
    since: datetime,
    until: datetime,
    workflow: Sequence[str] | None = None,
) -> Moves:
    """The move of spend from the window of the same length before to the days [since, until).

    Each workflow and each model or tool in it is a cell, split by queries.grading.decomposition;
    prices are those of the day before `since`. Times within a day are taken back to its start.
    """
    since, until = (at.replace(hour=0, minute=0, second=0, microsecond=0) for at in (since, until))
    window: dict[str, Any] = {"since": since, "until": until, "workflow": workflow}
    total = run(connection, "spend_total", **window).row(0, named=True)
    before, after = total["previous_cost_usd"], total["cost_usd"]
    runs = {row[0]: (row[1], row[2]) for row in run(connection, "run_counts", **window).iter_rows()}
    counted = (sum(n for n, _ in runs.values()), sum(n for _, n in runs.values()))
    if before is None or after is None:
        return Moves(before, after, (), (_silence(before, since, until),), *counted)
    priced_on = (since - timedelta(days=1)).date()
    rows = run(connection, "cost_cells", **window).to_dicts()
    own = cells((row for row in rows if not row["is_aside"]), PriceList(connection, priced_on))
    aside = _sides(row for row in rows if row["is_aside"])
    traced = _sides(rows)
    untraced = (before - traced[0], after - traced[1])
    parts = (*_split(own, runs, counted), *_rest(aside, untraced))
    return Moves(before, after, parts, tuple(unsure(own, priced_on)), *counted)


def _silence(before: float | None, since: datetime, until: datetime) -> str:
    first = since - (until - since) if before is None else since
    return f"No spend is known for the {(until - since).days} days from {first:%Y-%m-%d} on."


def _sides(rows: Iterable[dict[str, Any]]) -> tuple[float, float]:
    """Traced cost of the earlier and the later window."""
    amounts: tuple[list[float], list[float]] = ([], [])
    for row in rows:
        amounts[row["is_after"]].append(row["cost_usd"] or 0.0)
    return math.fsum(amounts[0]), math.fsum(amounts[1])


def _split(own: list[Cell], runs: Runs, counted: tuple[int, int]) -> Iterator[Part]:
    """The parts that traces tell; calls without a price only where there are any."""
    before, after = chains(own, runs)
    words = explained(own, counted, before, after)
    for name, moved in zip(FACTORS, divisia(before, after).tolist(), strict=True):
        if name != UNPRICED or moved:
            yield Part(name, moved, words[name])


def _rest(aside: tuple[float, float], untraced: tuple[float, float]) -> Iterator[Part]:
    if any(aside):
        words = between(map(usd, aside), "of tests and replays")
        yield Part("tests and replays", aside[1] - aside[0], words)
    words = between(map(usd, untraced), "beyond what traces tell")
    yield Part("outside the traces", untraced[1] - untraced[0], words)
