"""Faults: each makes one check red in a healthy workflow, and changes as little else as it can."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from importlib import import_module
from random import Random
from typing import Any, NamedTuple

from store_builder import AS_OF, Rows

from worlds.homes import RECENT_DAYS

Row = dict[str, Any]
Plant = Callable[[Random, Rows], None]
MODULES = (
    "technology_before_workflow",
    "no_governance",
    "integrations_underestimated",
    "multi_agent_too_early",
    "no_observability",
    "no_cost_model",
    "no_human_feedback",
)


class Fault(NamedTuple):
    """What is planted: the check it makes red, and `also`, those it cannot but turn as well."""

    check_id: str
    also: tuple[str, ...]
    plant: Plant

    @property
    def needs_team(self) -> bool:
        """Whether only several agents can have it."""
        return self.check_id.startswith("MA-")


FAULTS: dict[str, Fault] = {}
CLASHES = (
    {"COST-4", "WF-7"},
    {"FB-1", "FB-6", "FB-8"},
    {"FB-2", "FB-3", "FB-4", "FB-7"},
    {"WF-2", "WF-3", "WF-7"},
    {"OBS-5", "COST-6", "OBS-7", "MA-1"},
)


def clashes(fault: Fault, others: Iterable[Fault]) -> bool:
    """Whether a workflow has a fault already that leaves this one nothing to show."""
    return any({fault.check_id, other.check_id} <= group for other in others for group in CLASHES)


def plants(check_id: str, *also: str) -> Callable[[Plant], Plant]:
    """Register the function as the fault of a check."""

    def register(plant: Plant) -> Plant:
        FAULTS[check_id] = Fault(check_id, also, plant)
        return plant

    return register


def recent(rows: Rows) -> list[Row]:
    """The runs that the windows of most checks hold."""
    since = AS_OF - timedelta(days=RECENT_DAYS)
    return [run for run in rows["runs"] if run["started_at"] > since and "task_key" not in run]


def steps_of(rows: Rows, runs: Iterable[Row], **columns: Any) -> list[Row]:
    """The steps of some runs whose columns have the values given."""
    ids = {run["run_id"] for run in runs}
    return [
        step
        for step in rows["steps"]
        if step["run_id"] in ids and all(step.get(name) == it for name, it in columns.items())
    ]


def some(dice: Random, rows: list[Row], share: float) -> list[Row]:
    """A random share of the rows."""
    return dice.sample(rows, round(share * len(rows)))


for name in MODULES:
    import_module(f"{__name__}.{name}")
