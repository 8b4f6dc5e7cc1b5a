"""Traces with holes, endings nobody knows."""

from __future__ import annotations

from random import Random

from store_builder import Rows

from worlds.faults import plants, recent, some, steps_of


@plants("OBS-1")
def orphans(dice: Random, rows: Rows) -> None:
    for step in steps_of(rows, some(dice, recent(rows), 0.12), tool="crm.get_order"):
        step["parent_step_id"] = "lost"


@plants("OBS-5")
def endings_unknown(dice: Random, rows: Rows) -> None:
    for run in some(dice, [run for run in recent(rows) if "outcome" not in run], 0.65):
        run |= {"outcome": "unknown", "outcome_source": "none"}


@plants("OBS-2")
def untraced(dice: Random, rows: Rows) -> None:
    days = [row for row in rows["external_counts"] if row["n"] > 5]
    dice.choice(days[-20:-2])["n"] *= 2


@plants("OBS-3")
def ends_unrecorded(dice: Random, rows: Rows) -> None:
    for step in some(dice, steps_of(rows, recent(rows), kind="llm"), 0.25):
        step["finish_reason"] = None


@plants("OBS-4")
def same_reason(dice: Random, rows: Rows) -> None:
    for step in steps_of(rows, recent(rows), decision="refund_choice"):
        step["rationale_hash"] = "as the policy says"


@plants("OBS-6")
def unlocated(dice: Random, rows: Rows) -> None:
    for step in some(dice, steps_of(rows, recent(rows), kind="guardrail", status="error"), 0.65):
        step |= {"kind": "other", "error_type": "_OTHER"}


@plants("OBS-7")
def flips(dice: Random, rows: Rows) -> None:
    runs = [run for run in rows["runs"] if "task_key" in run]
    for task in some(dice, sorted({run["task_key"] for run in runs}), 0.5):
        for run in [run for run in runs if run["task_key"] == task][::2]:
            run["outcome"] = "failure"


@plants("OBS-8")
def silent_failures(dice: Random, rows: Rows) -> None:
    failed = [run for run in recent(rows) if run.get("outcome") == "failure"]
    for run in some(dice, failed, 0.7):
        run["status"] = "ok"
