"""The map is not written, or not followed."""

from __future__ import annotations

from itertools import permutations, zip_longest
from random import Random

from store_builder import Rows

from worlds.faults import plants, recent, some, steps_of
from worlds.faults.integrations_underestimated import LOST
from worlds.homes import STEPS


@plants("WF-1")
def undeclared(dice: Random, rows: Rows) -> None:
    file = rows["workflows"][0]
    file |= dict.fromkeys(("owner_product", "owner_operations", "owner_engineering"))
    file |= dict.fromkeys(("trigger", "fallback"))


@plants("WF-2", "WF-3")
def off_the_map(dice: Random, rows: Rows) -> None:
    for step in steps_of(rows, some(dice, recent(rows), 0.35), step="decide"):
        step["step"] = None


@plants("WF-3")
def back_and_forth(dice: Random, rows: Rows) -> None:
    for run in some(dice, recent(rows), 0.14):
        mapped = [step for step in steps_of(rows, [run]) if step.get("step")]
        for number, step in enumerate(mapped):
            step["step"] = ("verify", "intake")[number % 2]


@plants("WF-4")
def branches_never_taken(dice: Random, rows: Rows) -> None:
    own = {"workflow": rows["workflows"][0]["workflow"]}
    edge = {"from_step": "decide", "is_exception": False, "is_branch": True, "condition": "never"}
    for number in range(7):
        step = f"special case {number}"
        rows["workflow_edges"].append(own | edge | {"to_step": step})
        rows["workflow_steps"].append(own | {"step": step, "position": 10 + number, "system": step})


@plants("WF-5")
def nothing_catches_it(dice: Random, rows: Rows) -> None:
    for tool, n in (
        ("zendesk.get_ticket", 5),
        ("crm.get_order", 5),
        ("zendesk.reply", 5),
        ("billing.refund", 2),
    ):
        calls = steps_of(rows, recent(rows), tool=tool, attempt=1, error_class=None)
        for call in dice.sample(calls, n):
            call |= LOST


@plants("WF-6")
def claims_without_a_write(dice: Random, rows: Rows) -> None:
    refunded = {row["run_id"] for row in rows["approvals"]}
    only_told = [
        run for run in recent(rows) if "outcome" not in run and run["run_id"] not in refunded
    ]
    for run in some(dice, only_told, 0.45):
        run["outcome_source"] = "label"
        for step in steps_of(rows, [run], tool="zendesk.reply"):
            step |= {"tool": "zendesk.get_ticket", "side_effect": "read"}


@plants("WF-7", "WF-3")
def always_another_path(dice: Random, rows: Rows) -> None:
    paths = list(permutations(step for step in STEPS if step != "decide"))
    dice.shuffle(paths)
    for run, path in zip(some(dice, recent(rows), 0.18), paths, strict=False):
        mapped = [step for step in steps_of(rows, [run]) if step.get("step")]
        for step, name in zip_longest(mapped, path):
            if step:
                step["step"] = name
