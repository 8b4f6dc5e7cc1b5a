"""The smallest rows on which each check has the value the design works out by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from store_builder import AS_OF, Rows, run_row, step_row

DAY = datetime.fromisoformat("2026-11-20T09:00")


def runs(n: int, **columns: Any) -> list[dict[str, Any]]:
    return [run_row(f"r{i}", DAY + timedelta(minutes=i), **columns) for i in range(n)]


def calls() -> Rows:
    """100 calls: 5 recover by retry, 1 never does, 2 answer with an error; 108 attempts."""
    run, steps = run_row("r0", DAY), []
    for call in range(1, 101):
        attempts = {5: 3, 6: 3}.get(call, 2 if call < 5 else 1)
        for attempt in range(1, attempts + 1):
            failed = call <= 6 and (attempt < attempts or call == 6)
            columns = {"attempt": attempt, "input_hash": f"h{call}", "seq": len(steps)}
            columns["status"] = "error" if failed else "ok"
            columns["in_band_error"] = call in (50, 51)
            steps.append(step_row(run, f"s{len(steps)}", 2 * len(steps), **columns))
    return {"runs": [run], "steps": steps}


def edges(*pairs: str) -> list[dict[str, Any]]:
    return [
        {"workflow": "refunds", "from_step": a, "to_step": b, "is_exception": False}
        for a, b in pairs
    ]


def paths(*sequences: str) -> Rows:
    rows = runs(len(sequences))
    steps = [
        step_row(run, f"s{i}", 2 * i, step=step, seq=i)
        for run, sequence in zip(rows, sequences, strict=True)
        for i, step in enumerate(sequence)
    ]
    declared = edges("^A", "AB", "BC", "BX", "C$", "X$", "BH", "H$")
    return {"runs": rows, "steps": steps, "workflow_edges": declared}


def declaration(**columns: Any) -> dict[str, Any]:
    owners = dict.fromkeys(("owner_product", "owner_operations", "owner_engineering"), "ana")
    words = dict.fromkeys(("trigger", "fallback"), "x")
    lists = {"done_when": "{}", "inputs": '["zendesk"]', "outputs": '["billing"]'}
    return {
        "workflow": "refunds",
        "expected_monthly_volume": 10.0,
        **owners,
        **words,
        **lists,
    } | columns


def declared(**columns: Any) -> Rows:
    steps = [
        {"workflow": "refunds", "step": s, "position": i, "system": s} for i, s in enumerate("AB")
    ]
    budget = {"scope_kind": "workflow", "scope": "refunds", "period": "month", "currency": "USD"}
    return {
        "runs": runs(1),
        "workflows": [declaration(**columns)],
        "workflow_steps": steps,
        "budgets": [{**budget, "amount": 3000}],
    }


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


def agents() -> Rows:
    rows = runs(4, architecture="multi")
    deep = ["a", "a > b", "a > b > c", "a > b > c > b"]
    steps = [
        step_row(
            run, f"s{i}", i, kind="agent", agent=path[-1], agent_path=path, reenters_agent=i == 3
        )
        for number, run in enumerate(rows)
        for i, path in enumerate(deep if number == 0 else deep[:3])
    ]
    return {"runs": rows, "steps": steps}


def stalls() -> Rows:
    rows = runs(200, architecture="multi")
    rows[0]["termination_reason"] = "max_turns"
    steps = [
        step_row(run, f"s{i}", second)
        for number, run in enumerate(rows)
        for i, second in enumerate((0, 2, 900 if number == 1 else 4))
    ]
    return {"runs": rows, "steps": steps}


def traces() -> Rows:
    rows = runs(50)
    rows[0]["n_steps"], rows[1]["ended_at"] = 0, None
    steps = [
        step_row(run, "s1", parent_step_id="gone" if i == 2 else None) for i, run in enumerate(rows)
    ]
    return {"runs": rows, "steps": steps[1:]}


def outcomes() -> Rows:
    return {"runs": runs(150) + [run_row(f"u{i}", DAY, outcome="unknown") for i in range(50)]}


def prices() -> Rows:
    run = run_row("r0", DAY)
    cost = {"cost_source": "priced", "price_version": "v1"}
    steps = [
        step_row(run, f"s{i}", i, kind="llm", model="m", **cost, cost_usd=None if i < 20 else 0.1)
        for i in range(500)
    ]
    return {"runs": [run], "steps": steps}


def spend() -> Rows:
    end = datetime.fromisoformat("2026-11-11")
    costs = [
        {
            "period_start": end - timedelta(days=i + 1),
            "period_end": end - timedelta(days=i),
            **{
                "provider": "openai",
                "category": "llm",
                "source": "gateway_log",
                "measure": "billed",
            },
            **{"workflow": "refunds", "currency": "USD", "amount": 120, "cost_usd": 120.0},
        }
        for i in range(28)
    ]
    return declared() | {"runs": [run_row("r0", end - timedelta(hours=1))], "costs": costs}


def reviews() -> Rows:
    rows = runs(40)
    known = {"created_at": DAY, "source": "sampled_review"}
    feedback = [
        {
            **known,
            "run_id": run["run_id"],
            "target_id": run["run_id"],
            "verdict": "correct" if i < 34 else "incorrect",
        }
        for i, run in enumerate(rows)
    ]
    return {"runs": rows, "feedback": feedback}


def flags() -> Rows:
    cases = [(1, True), (2, True), (2, True), (5, True), (3, False), (6, False)]
    feedback = []
    for days, ended in cases:
        start = AS_OF - timedelta(days=10 if ended else days)
        times = {"created_at": start, "triaged_at": start + timedelta(days=days) if ended else None}
        feedback.append({"run_id": "r0", "target_id": "r0", "verdict": "incorrect", **times})
    return {"runs": runs(1), "feedback": feedback}


APPROVALS = [approval(i, 100 * i - 10) for i in range(1, 5)] + [
    approval(5, 550),
    approval(6, 590, payload_hash="other"),
]
HALF = {"trigger": None, "fallback": None, "done_when": None}

WORKED = [
    ("WF-1", declared(**HALF), AS_OF, 0.75, None, "red"),
    ("WF-1", declared(), AS_OF, 1.0, None, "green"),
    ("WF-2", paths("ABC", "ABX", "AC", "ABBC"), AS_OF, 0.25, (0.05, 0.70), "insufficient"),
    ("GOV-1", gated(APPROVALS), AS_OF, 2 / 6, None, "red"),
    ("GOV-2", tools(), AS_OF, 1 / 198, None, "red"),
    ("GOV-8", drills(120), AS_OF, 120, None, "amber"),
    ("INT-1", calls(), AS_OF, 0.06, (0.028, 0.125), "red"),
    ("INT-2", calls(), AS_OF, 0.03, (0.010, 0.085), "red"),
    ("INT-3", calls(), AS_OF, 8 / 108, None, "amber"),
    ("MA-2", agents(), AS_OF, 0.25, None, "insufficient"),
    ("MA-4", stalls(), AS_OF, 0.01, (0.003, 0.036), "amber"),
    ("OBS-1", traces(), AS_OF, 0.06, (0.021, 0.162), "red"),
    ("OBS-5", outcomes(), AS_OF, 0.75, None, "amber"),
    ("COST-1", prices(), AS_OF, 0.96, None, "amber"),
    ("COST-3", spend(), datetime.fromisoformat("2026-11-11"), 1.2, (1.2, 1.2), "red"),
    ("FB-1", reviews(), AS_OF, 40, None, "amber"),
    ("FB-3", flags(), AS_OF, 0.25, None, "insufficient"),
]
