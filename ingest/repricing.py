"""Every call that states no cost, priced anew with the present price table."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from ingest.store.generations import Store
from ingest.store.pricing import Repriced, repriced
from ingest.store.pricing import reprice as pricing
from ingest.store.writing import Evaluate, Writing
from ingest.terminal import emit, say


class Repricing(NamedTuple):
    """What became of the priced calls, and the generation that holds them."""

    calls: Repriced
    generation: int | None
    as_of: datetime


def reprice(store: Store, evaluate: Evaluate, tell: Callable[[str], None]) -> Repricing:
    """Price the calls of a store again and publish it as a new generation.

    The public list is that of the installed package. Reported costs stay. IngestError before the
    first load.
    """
    store.in_force()
    with store.locked(tell), Writing(store) as writing:
        as_of = writing.finish(evaluate, pricing)
        return Repricing(repriced(writing.open()), writing.number, as_of)


def print_repricing(done: Repricing, as_json: bool) -> None:
    """How many calls changed, from how much to how much."""
    if as_json:
        emit(_event(done))
        return
    calls = done.calls
    moved = f" from ${calls.before_usd:,.6f} to ${calls.after_usd:,.6f}" if calls.changed else ""
    say(f"{calls.priced:,} calls are priced; the cost of {calls.changed:,} changed{moved}.")
    day = f"{done.as_of.day} {done.as_of:%b %Y, %H:%M} UTC"
    say(f"Published generation {done.generation}, data to {day}.")


def _event(done: Repricing) -> dict[str, Any]:
    return {
        "event": "done",
        **done.calls._asdict(),
        "generation": done.generation,
        "as_of": done.as_of,
    }
