"""What the people who run the workflows keep: changes, drills, counts of their own."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ingest.scenario.approvals import MINUTE_US
from ingest.scenario.calendar import DAY_US, EPOCH, HOUR_US, Period
from ingest.scenario.files import iso, save_table
from ingest.scenario.flows import FLOWS
from ingest.scenario.replays import OUTAGE_DAYS, OUTAGE_FROM
from ingest.scenario.runs import Chance, Run
from ingest.scenario.world import DAYS, Flow

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
DRILL_COLUMNS = ("drill_id", "workflow", "stage", "tool", "ran_at", "ended_at", "kind", "passed")
COUNT_COLUMNS = ("workflow", "counted_on", "source", "n")

Row = dict[str, Any]


def write(folder: Path, runs: list[Run], period: Period, chance: Chance) -> None:
    """Write changes.csv, drills.csv and external_counts.csv."""
    kept = folder / "operations"
    save_table(kept / "changes.csv", _changes(period), CHANGE_COLUMNS)
    save_table(kept / "drills.csv", _drills(runs, period, chance), DRILL_COLUMNS)
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


def _drills(runs: list[Run], period: Period, chance: Chance) -> Iterator[Row]:
    """A stop and a rollback drill of every workflow within the last ten weeks, and the faults
    injected into replays. A stop is drilled when the last run of a day is about to end.
    """
    for flow in FLOWS:
        stop, rollback = (chance.rng.randint(15, 70) for _ in range(2))
        last = max(r.end for r in runs if r.plan.flow is flow and r.plan.days_ago == stop)
        yield _drill(flow, "stop", last - 2 * MINUTE_US, last + 4 * MINUTE_US)
        start = ((period.end - EPOCH).days - rollback) * DAY_US + 9 * HOUR_US
        yield _drill(flow, "rollback", start, start + chance.rng.randint(2, 12) * MINUTE_US)
        for days_ago in OUTAGE_DAYS if flow.injected else ():
            start = ((period.end - EPOCH).days - days_ago) * DAY_US + OUTAGE_FROM
            row = _drill(flow, "fault_injection", start, start + HOUR_US)
            row["drill_id"] += f"-{days_ago}"
            yield row | {"stage": "replay", "tool": flow.injected}


def _drill(flow: Flow, kind: str, start: int, end: int) -> Row:
    return {
        "drill_id": f"{flow.name}-{kind}",
        "workflow": flow.name,
        "stage": flow.stage,
        "ran_at": iso(start),
        "ended_at": iso(end),
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
