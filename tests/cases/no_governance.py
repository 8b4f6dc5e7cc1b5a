"""No governance: approvals, tool lists, traces of actions, retention, drills."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from store_builder import AS_OF, Rows, run_row, step_row

from cases.rows import DAY, declaration, runs


def gated(approvals: list[dict[str, Any]], n: int = 6) -> Rows:
    run = run_row("r0", DAY)
    steps = [
        step_row(run, f"s{i}", 100 * i, is_gated=True, is_executed=True, input_hash=f"p{i}")
        for i in range(1, n + 1)
    ]
    rule = {"workflow": "refunds", "action": "crm.get_order"}
    home = {"workflows": [declaration()], "workflow_approvals": [rule]}
    return {"runs": [run], "steps": steps, "approvals": approvals, **home}


def approval(step: int, decided_after_s: float, **columns: Any) -> dict[str, Any]:
    decided = DAY + timedelta(seconds=decided_after_s)
    known = {"decision": "approved", "decider_type": "human", "payload_hash": f"p{step}"}
    times = {"requested_at": DAY, "decided_at": decided}
    return {"run_id": "r0", "step_id": f"s{step}", **times, **known} | columns


def tools(outside: int = 3, blocked: int = 2) -> Rows:
    """200 tool steps, the last of them outside the list, and the last of those blocked."""
    run = run_row("r0", DAY)
    names = ["crm.get_order"] * (200 - outside) + ["http_post"] * outside
    steps = [
        step_row(run, f"s{i}", i, tool=name, is_executed=i < 200 - blocked)
        for i, name in enumerate(names)
    ]
    grant = {"workflow": "refunds", "tool": "crm.*"}
    return {"runs": [run], "steps": steps, "workflow_tools": [grant]}


def grants(used: int, granted: int = 12, n_runs: int = 100) -> Rows:
    """A hundred runs that use some of the granted tools; the last two granted ones write."""
    rows = runs(n_runs)
    names = [f"tool{i}" for i in range(granted)]
    listed = [
        {
            "workflow": "refunds",
            "tool": name,
            "side_effect": "write" if i >= granted - 2 else "read",
        }
        for i, name in enumerate(names)
    ]
    steps = [step_row(run, "s0", tool=names[i % used]) for i, run in enumerate(rows)]
    return {"runs": rows, "steps": steps, "workflow_tools": listed}


def writes(n: int, complete: int) -> Rows:
    """So many writes of one run, the others without the credential they ran with."""
    run = run_row("r0", DAY, version="1")
    known = {"side_effect": "write", "is_executed": True, "authority": "policy:small"}
    steps = [
        step_row(run, f"s{i}", i, principal="svc" if i < complete else None, **known)
        for i in range(n)
    ]
    return {"runs": [run], "steps": steps}


def kept(oldest_days: int, production_days: int | None, opened: int = 20, n: int = 20) -> Rows:
    """Runs of one day long ago; the bodies of all but the opened ones are gone."""
    start = AS_OF - timedelta(days=oldest_days)
    rows = [run_row(f"r{i:02}", start + timedelta(minutes=i)) for i in range(n)]
    steps = [step_row(run, "s0") for run in rows]
    texts = {"input": "i", "output": "o"}
    payloads = [
        {"run_id": step["run_id"], "step_id": "s0", "run_started_at": step["run_started_at"]}
        | (texts if i < opened else {})
        for i, step in enumerate(steps)
    ]
    since = production_days and (AS_OF - timedelta(days=production_days)).date()
    home = declaration(stage="production" if since else "pilot", production_since=since)
    return {"runs": rows, "steps": steps, "payloads": payloads, "workflows": [home]}


def decided(seconds: list[float], seeded: str = "", min_read_s: float | None = 5) -> Rows:
    """Approvals that took so long, and planted requests: c was caught, m was missed."""
    rule = {"workflow": "refunds", "action": "refund", "min_read_s": min_read_s, "sla_h": 4.0}
    real = [approval(i, taken, payload_chars=100) for i, taken in enumerate(seconds)]
    planted = [
        approval(i, 60, is_seeded_test=True, decision={"c": "rejected", "m": "approved"}[case])
        for i, case in enumerate(seeded, 1000)
    ]
    home = {"workflows": [declaration()], "workflow_approvals": [rule]}
    return {"runs": [run_row("r0", DAY)], "approvals": [*real, *planted], **home}


def asked(hours: list[float], **others: list[float]) -> Rows:
    """Requests decided after so many hours, with an SLA of four; others expired or are pending."""
    rows = decided([3600 * hour for hour in hours])
    undecided = [("expired", hour) for hour in others.get("expired", [])]
    undecided += [(None, hour) for hour in others.get("pending", [])]
    rows["approvals"] += [
        approval(i, 0, decision=decision, decided_at=None, decider_type=None)
        | {"requested_at": AS_OF - timedelta(hours=hour)}
        for i, (decision, hour) in enumerate(undecided, 100)
    ]
    return rows


def drills(days: int, ended_at: datetime | None = None) -> Rows:
    times = [("stop", 3), ("rollback", days)]
    known = {"workflow": "refunds", "stage": "pilot", "ended_at": ended_at}
    rows = [known | {"kind": kind, "ran_at": AS_OF - timedelta(days=ago)} for kind, ago in times]
    return {"runs": runs(1), "drills": rows}


APPROVALS = [approval(i, 100 * i - 10) for i in range(1, 5)] + [
    approval(5, 550),
    approval(6, 590, payload_hash="other"),
]
ALL_APPROVED = [approval(i, 100 * i - 10) for i in range(1, 41)]
SECONDS: list[float] = [2, 3, 3, 4, 40, 60, 75, 90, 120, 300]
IN_TIME: list[float] = [1] * 15

WORKED = [
    ("GOV-1", gated(APPROVALS), AS_OF, 2 / 6, None, "red"),
    ("GOV-1", gated(ALL_APPROVED, 40), AS_OF, 0.0, (0.0, 0.0722), "green"),
    ("GOV-2", tools(), AS_OF, 1 / 198, None, "red"),
    ("GOV-2", tools(2, 2), AS_OF, 0.0, (0.0, 0.015), "green"),
    ("GOV-3", grants(7), AS_OF, 5 / 12, None, "red"),
    ("GOV-3", grants(12), AS_OF, 0.0, None, "green"),
    ("GOV-3", grants(7, n_runs=99), AS_OF, 5 / 12, None, "insufficient"),
    ("GOV-4", writes(40, 38), AS_OF, 0.95, (0.835, 0.986), "amber"),
    ("GOV-4", writes(100, 100), AS_OF, 1.0, (0.963, 1.0), "green"),
    ("GOV-4", writes(100, 80), AS_OF, 0.8, None, "red"),
    ("GOV-5", kept(120, 200), AS_OF, 63, None, "red"),
    ("GOV-5", kept(200, 200), AS_OF, 0, None, "green"),
    ("GOV-5", kept(200, 200, opened=18), AS_OF, 0, None, "amber"),
    ("GOV-5", kept(200, 200, opened=17), AS_OF, 0, None, "red"),
    ("GOV-6", decided(SECONDS), AS_OF, 0.4, None, "insufficient"),
    ("GOV-6", decided([60] * 40), AS_OF, 0.0, None, "green"),
    ("GOV-6", decided(SECONDS * 6), AS_OF, 0.4, None, "red"),
    (
        "GOV-7",
        asked([*IN_TIME, 5, 6], expired=[30], pending=[9, 1]),
        AS_OF,
        15 / 19,
        None,
        "insufficient",
    ),
    ("GOV-7", asked([1] * 60), AS_OF, 1.0, None, "green"),
    ("GOV-7", asked([*IN_TIME, *[9] * 15]), AS_OF, 0.5, None, "red"),
    ("GOV-8", drills(120), AS_OF, 120, None, "amber"),
    ("GOV-8", drills(30), AS_OF, 30, None, "green"),
    ("GOV-8", drills(200), AS_OF, 200, None, "red"),
]
