"""What the people who run the workflows keep: changes, drills, counts of their own."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ingest.scenario.calendar import Period
from ingest.scenario.files import save_table
from ingest.scenario.flows import FLOWS
from ingest.scenario.runs import Chance, Run
from ingest.scenario.world import DAYS

CHANGE_COLUMNS = (
    "change_id",
    "workflow",
    "changed_at",
    "kind",
    "version_to",
    "author",
    "approved_by",
    "is_rollback",
)
DRILL_COLUMNS = ("drill_id", "workflow", "stage", "ran_at", "ended_at", "kind", "passed")
COUNT_COLUMNS = ("workflow", "counted_on", "source", "n")

Row = dict[str, Any]


def write(folder: Path, runs: list[Run], period: Period, chance: Chance) -> None:
    """Write changes.csv, drills.csv and external_counts.csv."""
    kept = folder / "operations"
    save_table(kept / "changes.csv", _changes(period), CHANGE_COLUMNS)
    save_table(kept / "drills.csv", _drills(period, chance), DRILL_COLUMNS)
    save_table(kept / "external_counts.csv", _counts(runs, period), COUNT_COLUMNS)


def _changes(period: Period) -> Iterator[Row]:
    for flow in FLOWS:
        for version in flow.versions:
            if version.since_days < DAYS:
                day = period.end - dt.timedelta(version.since_days)
                yield {
                    "change_id": f"{flow.name}-{version.name}",
                    "workflow": flow.name,
                    "changed_at": f"{day}T00:00:00Z",
                    "kind": version.change,
                    "version_to": version.name,
                    "author": f"{flow.team} engineering",
                    "approved_by": f"{flow.team} product lead",
                    "is_rollback": str(version.is_rollback).lower(),
                }


def _drills(period: Period, chance: Chance) -> Iterator[Row]:
    """A stop and a rollback drill of every workflow within the last ten weeks."""
    for flow in FLOWS:
        for kind in ("stop", "rollback"):
            day = period.end - dt.timedelta(chance.rng.randint(15, 70))
            start = dt.datetime.combine(day, dt.time(9, chance.rng.randrange(60)))
            end = start + dt.timedelta(minutes=chance.rng.randint(2, 12))
            yield {
                "drill_id": f"{flow.name}-{kind}",
                "workflow": flow.name,
                "stage": flow.stage,
                "ran_at": f"{start.isoformat()}Z",
                "ended_at": f"{end.isoformat()}Z",
                "kind": kind,
                "passed": "true",
            }


def _counts(runs: list[Run], period: Period) -> Iterator[Row]:
    """Items each business system counted a day."""
    found = Counter((r.plan.flow.name, r.plan.days_ago) for r in runs)
    for flow in FLOWS:
        for days_ago in range(DAYS - 1, -1, -1):
            day = period.end - dt.timedelta(days_ago)
            yield {
                "workflow": flow.name,
                "counted_on": day,
                "source": flow.source,
                "n": found[flow.name, days_ago],
            }
