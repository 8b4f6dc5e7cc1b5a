"""No observability: traces, fields, decisions, outcomes, replays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from store_builder import AS_OF, Rows, run_row, step_row

from cases.rows import DAY, runs


def traces() -> Rows:
    """50 runs: one without a step, one without an end, one with an orphan span."""
    rows = runs(50)
    rows[0]["n_steps"], rows[1]["ended_at"] = 0, None
    steps = [
        step_row(run, "s1", parent_step_id="gone" if i == 2 else None) for i, run in enumerate(rows)
    ]
    return {"runs": rows, "steps": steps[1:]}


def whole(n: int) -> Rows:
    rows = runs(n)
    return {"runs": rows, "steps": [step_row(run, "s1") for run in rows]}


def count(n: int, days_ago: int = 0, source: str = "crm", **columns: Any) -> dict[str, Any]:
    counted_on = DAY.date() - timedelta(days=days_ago)
    return {"workflow": "refunds", "counted_on": counted_on, "source": source, "n": n} | columns


def requests(traced: int, counted: int) -> Rows:
    """Model requests of ten runs beside what the gateway counted."""
    rows = runs(10)
    steps = [step_row(rows[i % 10], f"s{i}", kind="llm") for i in range(traced)]
    return {"runs": rows, "steps": steps, "external_counts": [count(counted, source="gateway")]}


def counted(traced: int, *counts: dict[str, Any]) -> Rows:
    return {"runs": runs(traced), "external_counts": list(counts)}


CALL = {"model": "m", "input_tokens": 9, "output_tokens": 3, "finish_reason": "stop"}


def fields(lacking: int, n: int = 100, **columns: Any) -> Rows:
    """Model calls of one run, all recorded but for those that lack their output."""
    run = run_row("r0", DAY)
    told = {"kind": "llm", **CALL, **columns}
    steps = [step_row(run, f"s{i}", i, **told, has_output=i >= lacking) for i in range(n)]
    return {"runs": [run], "steps": steps}


def decisions(n: int, unexplained: int, texts: int = 1000, **columns: Any) -> Rows:
    run = run_row("r0", DAY)
    told = {"kind": "plan", "decision": "refund_choice", "decision_value": "refund", **columns}
    steps = [
        step_row(run, f"s{i}", i, **told, has_rationale=True, rationale_hash=f"h{i % texts}")
        for i in range(n)
    ]
    for step in steps[:unexplained]:
        step["has_rationale"], step["rationale_hash"] = False, None
    return {"runs": [run], "steps": steps}


def outcomes(known: int = 150, unknown: int = 50) -> Rows:
    return {
        "runs": runs(known) + [run_row(f"u{i}", DAY, outcome="unknown") for i in range(unknown)]
    }


def failures(located: int, unlocated: int, **columns: Any) -> Rows:
    """Failed runs whose first failing step says what kind of error it had, and others."""
    rows = runs(located + unlocated, outcome="failure", status="error")
    wrong = {"status": "error", "error_type": "Timeout"} | columns
    steps = [step_row(run, "s0", 0) for run in rows]
    steps += [step_row(run, "s1", 2, **wrong) for run in rows[:located]]
    return {"runs": rows, "steps": steps}


def replays(*passed: int, repeats: int = 4, **columns: Any) -> Rows:
    """Tasks replayed so many times each, of which so many passed; and one run of the pilot."""
    rows = [
        run_row(
            f"t{task}-{i}",
            DAY,
            **{"stage": "replay", "task_key": f"t{task}", **columns},
            outcome="success" if i < good else "failure",
        )
        for task, good in enumerate(passed)
        for i in range(repeats)
    ]
    return {"runs": runs(1) + rows}


def opinion(run: dict[str, Any], hours: float, **columns: Any) -> dict[str, Any]:
    """What somebody said of a run so many hours after its start."""
    given = run["started_at"] + timedelta(hours=hours)
    told = {"created_at": given, "verdict": "incorrect", "run_id": run["run_id"]}
    return {**told, "target_id": run["run_id"], **columns}


def silent(n: int, unseen: int, reviewed: bool = True) -> Rows:
    """Failed runs that users flagged after two hours; an evaluator saw all but the first before."""
    rows = runs(n, outcome="failure")
    told = [opinion(run, 2, source="end_user") for run in rows]
    told += [opinion(run, 1, source="evaluator") for run in rows[unseen:]]
    if reviewed:
        told.append(opinion(rows[-1], 3, source="sampled_review"))
    return {"runs": rows, "feedback": told}


WORKED = [
    ("OBS-1", traces(), AS_OF, 0.06, (0.021, 0.162), "red"),
    ("OBS-1", whole(100), AS_OF, 0.0, (0.0, 0.037), "green"),
    ("OBS-2", requests(9_400, 10_000), AS_OF, 0.94, None, "amber"),
    ("OBS-2", counted(99, count(100)), AS_OF, 0.99, None, "green"),
    ("OBS-2", counted(89, count(100)), AS_OF, 0.89, None, "red"),
    ("OBS-3", fields(9), AS_OF, 0.91, None, "amber"),
    ("OBS-3", fields(2), AS_OF, 0.98, None, "green"),
    ("OBS-3", fields(11), AS_OF, 0.89, None, "red"),
    ("OBS-3", fields(9, 99), AS_OF, 90 / 99, None, "insufficient"),
    ("OBS-4", decisions(40, 10), AS_OF, 0.75, (0.598, 0.858), "amber"),
    ("OBS-4", decisions(100, 2), AS_OF, 0.98, None, "green"),
    ("OBS-4", decisions(100, 60), AS_OF, 0.4, None, "red"),
    ("OBS-5", outcomes(), AS_OF, 0.75, None, "amber"),
    ("OBS-5", outcomes(100, 2), AS_OF, 100 / 102, None, "green"),
    ("OBS-5", outcomes(40, 60), AS_OF, 0.4, None, "red"),
    ("OBS-6", failures(16, 4), AS_OF, 0.8, (0.584, 0.919), "amber"),
    ("OBS-6", failures(40, 1), AS_OF, 40 / 41, None, "green"),
    ("OBS-6", failures(10, 30), AS_OF, 0.25, None, "red"),
    ("OBS-7", replays(4, 4, 3, 2), AS_OF, 0.8125 - 0.5625, None, "insufficient"),
    ("OBS-7", replays(*[4] * 10), AS_OF, 0.0, (0.0, 0.1364), "green"),
    ("OBS-7", replays(*[2] * 10), AS_OF, 0.5, (0.5, 0.5), "red"),
    ("OBS-8", silent(25, 7), AS_OF, 0.28, (0.143, 0.476), "amber"),
    ("OBS-8", silent(50, 1), AS_OF, 0.02, None, "green"),
    ("OBS-8", silent(40, 20), AS_OF, 0.5, None, "red"),
]
