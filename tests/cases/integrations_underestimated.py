"""Integrations underestimated: calls, attempts, errors."""

from __future__ import annotations

from store_builder import AS_OF, Rows, run_row, step_row

from cases.rows import DAY


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


WORKED = [
    ("INT-1", calls(), AS_OF, 0.06, (0.028, 0.125), "red"),
    ("INT-2", calls(), AS_OF, 0.03, (0.010, 0.085), "red"),
    ("INT-3", calls(), AS_OF, 8 / 108, None, "amber"),
]
