"""Agents that go in circles, stall, or get in each other's way."""

from __future__ import annotations

from random import Random

from store_builder import Rows

from worlds.faults import plants, recent, some, steps_of


@plants("MA-2")
def circles(dice: Random, rows: Rows) -> None:
    for writer in steps_of(rows, some(dice, recent(rows), 0.06), kind="agent", name="writer"):
        above, path = writer["step_id"], writer["agent_path"]
        for depth, agent in enumerate(("researcher", "writer", "researcher"), 2):
            path = f"{path} > {agent}"
            known = {"agent": agent, "agent_path": path, "reenters_agent": depth > 2}
            place = {"step_id": f"circle.{depth}", "parent_step_id": above, "depth": depth}
            rows["steps"].append(writer | known | place)
            above = f"circle.{depth}"


@plants("MA-4")
def step_limit(dice: Random, rows: Rows) -> None:
    for run in some(dice, recent(rows), 0.06):
        run["termination_reason"] = "max_turns"


@plants("MA-1")
def team_fails_where_one_succeeds(dice: Random, rows: Rows) -> None:
    replays = [run for run in rows["runs"] if "task_key" in run]
    lost = some(dice, sorted({run["task_key"] for run in replays}), 0.6)
    for run in replays:
        if run["architecture"] == "multi" and run["task_key"] in lost:
            run["outcome"] = "failure"


@plants("MA-3")
def ping_pong(dice: Random, rows: Rows) -> None:
    for root in steps_of(rows, some(dice, recent(rows), 0.1), kind="agent", depth=0):
        for number in range(6):
            agent = ("researcher", "writer")[number % 2]
            path = f"{root['agent_path']} > {agent}"
            known = {
                "step_id": f"bounce.{number}",
                "name": agent,
                "agent": agent,
                "agent_path": path,
            }
            place = {"parent_step_id": root["step_id"], "depth": 1, "seq": 100 + number}
            rows["steps"].append(root | known | place | {"started_at": root["ended_at"]})


@plants("MA-5")
def writes_unread(dice: Random, rows: Rows) -> None:
    for step in steps_of(rows, some(dice, recent(rows), 0.15), tool="zendesk.get_note"):
        step["resource_key"] = "another ticket"


@plants("MA-6")
def mostly_planning(dice: Random, rows: Rows) -> None:
    for name in ("decide", "write the reply"):
        for step in steps_of(rows, recent(rows), name=name):
            step["role"] = "plan"


@plants("MA-7")
def looks_up_again(dice: Random, rows: Rows) -> None:
    runs = some(dice, recent(rows), 0.9)
    known = {step["run_id"]: step for step in steps_of(rows, runs, tool="zendesk.get_note")}
    for tool in ("zendesk.get_ticket", "crm.get_order"):
        for step in steps_of(rows, runs, tool=tool, error_class=None):
            note = known.get(step["run_id"])
            if note is None:
                continue
            own = {
                name: note[name] for name in ("agent", "agent_path", "parent_step_id", "principal")
            }
            place = {"step_id": f"again.{tool}", "step": "verify", "attempt": 1, "seq": note["seq"]}
            times = {name: note[name] for name in ("started_at", "ended_at")}
            rows["steps"].append(step | own | place | times)
