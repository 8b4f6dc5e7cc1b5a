"""Model calls around model calls, whichever of the two a list of steps tells of first.

A framework's step and the provider's inside it state the same usage; the inner one keeps it.
Records are held back for a while, so that those inside may come later.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

from ingest.fields.usage import COST, TOKENS
from ingest.formats import Read, Rows

Row = dict[str, Any]

AHEAD, RUNS = 500, 2_000


class Rule(Protocol):
    """Which usage of the steps of one run is that of others: first all are added, then settled."""

    def add(self, step: Row) -> None:
        """Note what a step used, and inside of which other one."""

    def settle(self, step: Row) -> None:
        """Take off a step what is stated inside of it."""


class Innermost:
    """Of a call and one right inside of it, the inner one keeps the tokens and dollars it has."""

    def __init__(self) -> None:
        self._around: dict[tuple[str, ...], set[str | None]] = {TOKENS: set(), COST: set()}

    def add(self, step: Row) -> None:
        """Note the step around a call that states usage."""
        for columns, around in self._around.items():
            if step["kind"] == "llm" and step.get(columns[0]) is not None:
                around.add(step.get("parent_step_id"))

    def settle(self, step: Row) -> None:
        """Take off a call what one inside of it states."""
        for columns, around in self._around.items():
            if step["kind"] == "llm" and step["step_id"] in around:
                for column in columns:
                    step.pop(column, None)


class _Runs:
    """A rule each of the runs met last."""

    def __init__(self, rule: Callable[[], Rule]) -> None:
        self._rule = rule
        self._runs: OrderedDict[str, Rule] = OrderedDict()

    def add(self, steps: Iterable[Row]) -> None:
        for step in steps:
            if step["run_id"] not in self._runs:
                self._runs[step["run_id"]] = self._rule()
            self._runs.move_to_end(step["run_id"])
            self._runs[step["run_id"]].add(step)
        while len(self._runs) > RUNS:
            self._runs.popitem(last=False)

    def settled(self, record: Rows) -> Rows:
        for step in record["steps"]:
            if rule := self._runs.get(step["run_id"]):
                rule.settle(step)
        return record


def calls_once(found: Iterator[Read], rule: Callable[[], Rule] = Innermost) -> Iterator[Read]:
    """The records in their order, with usage taken off the steps around others that state it."""
    held: deque[Rows] = deque()
    runs = _Runs(rule)
    for record in found:
        if not isinstance(record, dict) or not record.get("steps"):
            yield record
            continue
        runs.add(record["steps"])
        held.append(record)
        if len(held) > AHEAD:
            yield runs.settled(held.popleft())
    while held:
        yield runs.settled(held.popleft())


def settle(steps: list[Row], rule: Callable[[], Rule] = Innermost) -> None:
    """The same for all the steps of one run."""
    told = rule()
    for step in steps:
        told.add(step)
    for step in steps:
        told.settle(step)
