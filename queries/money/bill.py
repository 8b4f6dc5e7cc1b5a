"""The bill against the traces: what is billed beyond what they tell, part by part."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

import polars as pl

from queries.engine import Connection, run

PARTS = ("requests not traced", "tokens not traced", "price difference", "models never traced",
         "models never billed", "not explained")  # fmt: skip
EXACT = 1e-9
TOLD = {
    "requests not traced": "requests the bill counts beyond the traced calls, at their mean cost",
    "tokens not traced": "tokens billed beyond those of the traced calls, at their traced rate",
    "price difference": "what the same tokens cost more on the bill than by the traces",
    "models never traced": "models on the bill that no trace names",
    "models never billed": "models of traces that the bill does not name",
    "not explained": "the bill states neither requests nor tokens of these models",
}


class Step(NamedTuple):
    """One part of the way from the traces to the bill, in US dollars, and what it rests on."""

    name: str
    usd: float
    why: str


class Bill(NamedTuple):
    """From traced to billed spend of the days that a bill covers; the steps add up to the bill.

    `untold_calls` were traced without a price, so that a part of the difference may be theirs.
    """

    traced_usd: float
    steps: tuple[Step, ...]
    billed_usd: float
    untold_calls: int
    lines: pl.DataFrame


def bill(connection: Connection, since: datetime, until: datetime) -> Bill | None:
    """The waterfall of all providers that sent a bill for days of [since, until); null without."""
    lines = run(connection, "bill_lines", since=since, until=until)
    if not lines["billed_usd"].drop_nulls().len():
        return None
    return reconcile(lines)


def reconcile(lines: pl.DataFrame) -> Bill:
    """The waterfall of lines as bill_lines.sql returns them (scorecard design, 6.4)."""
    found = dict.fromkeys(PARTS, 0.0)
    for row in lines.iter_rows(named=True):
        for name, usd in _parts(row):
            found[name] = found.get(name, 0.0) + usd
    steps = [
        Step(name, usd, TOLD.get(name, "charges that no trace can know"))
        for name, usd in found.items()
        if abs(usd) >= EXACT
    ]
    traced, billed, untold = lines.select(
        pl.col("traced_usd", "billed_usd").fill_null(0).sum(), pl.col("untold_calls").sum()
    ).row(0)
    return Bill(traced, tuple(steps), billed, untold, lines)


def _parts(row: dict[str, Any]) -> Iterator[tuple[str, float]]:
    billed, traced = row["billed_usd"] or 0.0, row["traced_usd"] or 0.0
    if row["kind"] != "use":
        yield row["kind"].replace("_", " "), billed - traced
    elif row["traced_calls"] is None:
        yield "models never traced", billed - traced
    elif row["billed_usd"] is None:
        yield "models never billed", billed - traced
    else:
        yield from _of_one_model(row, billed, traced)


def _of_one_model(row: dict[str, Any], billed: float, traced: float) -> Iterator[tuple[str, float]]:
    """Requests, then tokens, then price: each at what the traces say one costs."""
    calls, requests = row["traced_calls"], row["billed_requests"]
    tokens = [row[f"traced_{kind}_tokens"] for kind in ("input", "output")]
    stated = [row[f"billed_{kind}_tokens"] for kind in ("input", "output")]
    more = 0.0 if requests is None else (requests - calls) * traced / calls
    if requests is not None:
        yield "requests not traced", more
    known = sum(t or 0 for t in tokens)
    if known <= 0 or all(t is None for t in stated):
        yield ("not explained" if requests is None else "price difference"), billed - traced - more
        return
    scale = 1.0 if requests is None else requests / calls
    beyond = sum(s - scale * (t or 0) for s, t in zip(stated, tokens, strict=True) if s is not None)
    rate = traced / known
    yield "tokens not traced", beyond * rate
    yield "price difference", billed - traced - more - beyond * rate
