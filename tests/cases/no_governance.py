"""No governance: approvals, tool lists, drills."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from store_builder import AS_OF, Rows, run_row, step_row

from cases.rows import DAY, declaration, runs


def gated(approvals: list[dict[str, Any]]) -> Rows:
    run = run_row("r0", DAY)
    steps = [
        step_row(run, f"s{i}", 100 * i, is_gated=True, is_executed=True, input_hash=f"p{i}")
        for i in range(1, 7)
    ]
    rule = {"workflow": "refunds", "action": "crm.get_order"}
    home = {"workflows": [declaration()], "workflow_approvals": [rule]}
    return {"runs": [run], "steps": steps, "approvals": approvals, **home}


def approval(step: int, decided_after_s: float, **columns: Any) -> dict[str, Any]:
    decided = DAY + timedelta(seconds=decided_after_s)
    known = {"decision": "approved", "decider_type": "human", "payload_hash": f"p{step}"}
    times = {"requested_at": DAY, "decided_at": decided}
    return {"run_id": "r0", "step_id": f"s{step}", **times, **known} | columns


def tools() -> Rows:
    run = run_row("r0", DAY)
    names = ["crm.get_order"] * 197 + ["http_post"] * 3
    steps = [
        step_row(run, f"s{i}", i, tool=name, is_executed=i not in (198, 199))
        for i, name in enumerate(names)
    ]
    return {
        "runs": [run],
        "steps": steps,
        "workflow_tools": [{"workflow": "refunds", "tool": "crm.*"}],
    }


def drills(days: int) -> Rows:
    times = [("stop", 3), ("rollback", days)]
    rows = [
        {"workflow": "refunds", "kind": kind, "ran_at": AS_OF - timedelta(days=ago)}
        for kind, ago in times
    ]
    return {"runs": runs(1), "drills": rows}


APPROVALS = [approval(i, 100 * i - 10) for i in range(1, 5)] + [
    approval(5, 550),
    approval(6, 590, payload_hash="other"),
]

WORKED = [
    ("GOV-1", gated(APPROVALS), AS_OF, 2 / 6, None, "red"),
    ("GOV-2", tools(), AS_OF, 1 / 198, None, "red"),
    ("GOV-8", drills(120), AS_OF, 120, None, "amber"),
]
