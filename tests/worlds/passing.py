"""More of the same: copies of runs that went well, with all that belongs to them."""

from __future__ import annotations

from collections import Counter
from random import Random

from store_builder import Rows

from worlds import money
from worlds.faults import recent
from worlds.homes import Home
from worlds.trail import Row

RENAMED = """run_id target_id feedback_id approval_id case_id input_hash payload_hash resource_key
    idempotency_key rationale_hash output_hash authority cost_id""".split()


def add_passing(dice: Random, home: Home, rows: Rows, share: float) -> Rows:
    """The rows, and a share of the good runs of the last weeks once more under new names."""
    broken = {step["run_id"] for step in rows["steps"] if step.get("status") == "error"}
    good = [run for run in recent(rows) if "outcome" not in run and run["run_id"] not in broken]
    chosen = {run["run_id"] for run in dice.sample(good, round(share * len(good)))}
    more = {
        name: [_again(row) for row in rows[name] if row["run_id"] in chosen]
        for name in ("runs", "steps", "approvals", "feedback")
    }
    more["costs"] = [_again(row) for row in money.costs(dice, home, more["steps"], 0)]
    days = Counter(run["started_at"].date() for run in more["runs"])
    counted = [row | {"n": row["n"] + days[row["counted_on"]]} for row in rows["external_counts"]]
    return (
        rows | {name: rows[name] + own for name, own in more.items()} | {"external_counts": counted}
    )


def _again(row: Row) -> Row:
    return row | {name: f"{row[name]} again" for name in RENAMED if row.get(name)}
