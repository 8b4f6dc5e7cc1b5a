"""Actions nobody approved, tools nobody granted, drills nobody ran."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from store_builder import Rows

from worlds.faults import plants, recent, some, steps_of


@plants("GOV-1")
def approved_by_a_model(dice: Random, rows: Rows) -> None:
    ids = {run["run_id"] for run in recent(rows)}
    dice.choice([row for row in rows["approvals"] if row["run_id"] in ids])["decider_type"] = (
        "model"
    )


@plants("GOV-2")
def tool_off_the_list(dice: Random, rows: Rows) -> None:
    ran = steps_of(rows, recent(rows), step="verify", kind="tool", error_class=None)
    dice.choice(ran)["tool"] = "http.post"


@plants("GOV-3")
def tools_nobody_needs(dice: Random, rows: Rows) -> None:
    own = {"workflow": rows["workflows"][0]["workflow"], "side_effect": "write"}
    rows["workflow_tools"] += [own | {"tool": f"admin.do_{number}"} for number in range(6)]


@plants("GOV-4")
def nobody_did_it(dice: Random, rows: Rows) -> None:
    for step in some(dice, steps_of(rows, recent(rows), side_effect="write"), 0.25):
        step["principal"] = None


@plants("GOV-5")
def bodies_purged(dice: Random, rows: Rows) -> None:
    rows["payloads"] = []


@plants("GOV-6")
def approved_unread(dice: Random, rows: Rows) -> None:
    for approval in some(dice, rows["approvals"], 0.55):
        approval["decided_at"] = approval["requested_at"] + timedelta(seconds=2)


@plants("GOV-7")
def approved_late(dice: Random, rows: Rows) -> None:
    for approval in some(dice, rows["approvals"], 0.4):
        approval["requested_at"] -= timedelta(hours=6)


@plants("GOV-8")
def never_drilled(dice: Random, rows: Rows) -> None:
    for drill in rows["drills"]:
        drill["passed"] = False
