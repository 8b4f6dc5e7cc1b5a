"""Integrations underestimated: calls, attempts, errors."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from store_builder import AS_OF, Rows, run_row, step_row

from cases.rows import DAY, declaration, runs


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


def answered(n: int) -> Rows:
    """So many calls, each answered at once."""
    run = run_row("r0", DAY)
    return {
        "runs": [run],
        "steps": [step_row(run, f"s{i}", i, attempt=1, input_hash=f"h{i}") for i in range(n)],
    }


TIMEOUT = {"error_class": "timeout", "http_status": 504}
LIMITED = {"error_class": "rate_limit", "http_status": 429, "retry_after_ms": 2000.0}
REFUSED = {"error_class": "auth", "http_status": 401}


def pair(
    run: dict[str, Any], call: int, wait_s: float, error: dict[str, Any], **columns: Any
) -> list[Any]:
    """A failed attempt of one second, and the attempt that answers so long after it ended."""
    known = {"input_hash": f"h{call}", "side_effect": "read"} | columns
    first = step_row(run, f"a{call}", 10 * call, attempt=1, status="error", **known | error)
    return [first, step_row(run, f"b{call}", 10 * call + 1 + wait_s, attempt=2, **known)]


def retries(n: int, n_refused: int = 0, n_hasty: int = 0, **columns: Any) -> Rows:
    """Retries after time-outs, some after refused credentials, some before Retry-After."""
    run = run_row("r0", DAY)
    courses = [(1.0, REFUSED)] * n_refused + [(0.05, LIMITED)] * n_hasty
    courses += [(1.0, TIMEOUT)] * (n - len(courses))
    pairs = [pair(run, i, *course, **columns) for i, course in enumerate(courses)]
    return {"runs": [run], "steps": [step for both in pairs for step in both]}


def written_twice(rows: Rows, **columns: Any) -> Rows:
    """The same rows and one write that was done twice with the same input."""
    known = {"attempt": 1, "input_hash": "w", "side_effect": "write", "resource_key": "order 7"}
    known |= columns
    twice = [step_row(rows["runs"][0], f"w{i}", 900 + 10 * i, **known) for i in range(2)]
    return rows | {"steps": rows["steps"] + twice}


def busy(per_minute: int, n_runs: int = 2000, **columns: Any) -> Rows:
    """28 days of runs, and every day one minute with so many calls."""
    start = AS_OF - timedelta(days=27)
    rows = [run_row(f"r{i}", start + timedelta(days=i % 28, seconds=-i)) for i in range(n_runs)]
    steps = [
        step_row(run, f"s{i}", -(run["started_at"].second) + i / 2, input_hash=f"h{i}", **columns)
        for run in rows[:28]
        for i in range(per_minute)
    ]
    volume = {"expected_monthly_volume": 10.0 * n_runs, "rate_limits": '{"crm": 500}'}
    return {"runs": rows, "steps": steps, "workflows": [declaration(**volume)]}


def misfits(n: int, k: int) -> Rows:
    rows = answered(n)
    for step in rows["steps"][:k]:
        step |= {
            "status": "error",
            "error_class": "schema",
            "error_message": "amount: not a number",
        }
    return rows


def outage(n: int, n_fell_back: int) -> Rows:
    """One lost call in each of so many runs, and the declared exception step in some of them."""
    rows, steps = runs(n), []
    for i, run in enumerate(rows):
        lost = {"status": "error", "error_class": "server", "input_hash": f"h{i}"}
        steps.append(step_row(run, "s0", seq=0, **lost))
        if i < n_fell_back:
            steps.append(
                step_row(run, "s1", 2, seq=1, kind="other", name="handover", step="handover")
            )
    path = {"workflow": "refunds", "trigger": "crm:*", "to_step": "handover"}
    return {"runs": rows, "steps": steps, "workflow_paths": [path]}


def kinds(*times: int) -> Rows:
    """Failures of so many kinds, each so often."""
    run, steps = run_row("r0", DAY), []
    for kind, n in enumerate(times):
        for _ in range(n):
            known = {"status": "error", "error_class": "server", "http_status": 500 + kind}
            place = len(steps)
            steps.append(step_row(run, f"s{place}", place, input_hash=f"h{place}", **known))
    return {"runs": [run], "steps": steps}


WORKED = [
    ("INT-1", calls(), AS_OF, 0.06, (0.028, 0.125), "red"),
    ("INT-1", answered(400), AS_OF, 0.0, None, "green"),
    ("INT-2", calls(), AS_OF, 0.03, (0.010, 0.085), "red"),
    ("INT-2", answered(200), AS_OF, 0.0, None, "green"),
    ("INT-3", calls(), AS_OF, 8 / 108, None, "amber"),
    ("INT-3", answered(60), AS_OF, 0.0, None, "green"),
    ("INT-4", retries(8, 1, 1), AS_OF, 0.25, None, "insufficient"),
    ("INT-4", written_twice(retries(8, 1, 1)), AS_OF, 0.25, None, "red"),
    ("INT-4", retries(20), AS_OF, 0.0, None, "green"),
    ("INT-4", retries(20, 4, 4), AS_OF, 0.4, None, "red"),
    ("INT-5", busy(30), AS_OF, 0.6, (0.6, 0.6), "amber"),
    ("INT-5", busy(20, 56), AS_OF, 0.4, (0.4, 0.4), "green"),
    ("INT-5", busy(50, 56), AS_OF, 1.0, (1.0, 1.0), "red"),
    ("INT-6", misfits(250, 3), AS_OF, 0.012, (0.004, 0.035), "amber"),
    ("INT-6", misfits(200, 0), AS_OF, 0.0, None, "green"),
    ("INT-6", misfits(250, 10), AS_OF, 0.04, None, "red"),
    ("INT-7", outage(12, 9), AS_OF, 0.75, None, "amber"),
    ("INT-7", outage(20, 20), AS_OF, 1.0, None, "green"),
    ("INT-7", outage(12, 2), AS_OF, 2 / 12, None, "red"),
    ("INT-8", kinds(10, 5, 3, 1, 1), AS_OF, 0.10, None, "amber"),
    ("INT-8", kinds(10, 10), AS_OF, 0.0, None, "green"),
    ("INT-8", kinds(15, 1, 1, 1, 1, 1), AS_OF, 0.25, None, "red"),
]
