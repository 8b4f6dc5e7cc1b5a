"""Model calls around model calls, whichever of the two a list of spans tells of first.

A framework's span and the provider's inside it state the same usage; the inner one keeps it. Spans
are held back for a while, so that those inside may come later.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any

from ingest.fields.usage import COST, TOKENS
from ingest.formats import Read, Rows

AHEAD = 500
Inside = dict[tuple[str, ...], set[tuple[str, str | None]]]


def calls_once(found: Iterator[Read]) -> Iterator[Read]:
    """The records, with usage taken off a call around another that states it."""
    held: deque[Rows] = deque()
    inside: Inside = {TOKENS: set(), COST: set()}
    for record in found:
        if not isinstance(record, dict) or not record.get("steps"):
            yield record
            continue
        for step in record["steps"]:
            _note(step, inside)
        held.append(record)
        if len(held) > AHEAD:
            yield _settled(held.popleft(), inside)
    while held:
        yield _settled(held.popleft(), inside)


def settle(rows: Rows) -> None:
    """The same for the steps of one record."""
    list(calls_once(iter([rows])))


def _note(step: dict[str, Any], inside: Inside) -> None:
    for columns, around in inside.items():
        if step["kind"] == "llm" and step.get(columns[0]) is not None:
            around.add((step["run_id"], step.get("parent_step_id")))


def _settled(record: Rows, inside: Inside) -> Rows:
    for step in record["steps"]:
        for columns, around in inside.items():
            if step["kind"] == "llm" and (step["run_id"], step["step_id"]) in around:
                for column in columns:
                    step.pop(column, None)
    return record
