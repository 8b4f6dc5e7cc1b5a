"""Multi-agent too early: agents, delegation, stalls."""

from __future__ import annotations

from store_builder import AS_OF, Rows, step_row

from cases.rows import runs


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


WORKED = [
    ("MA-2", agents(), AS_OF, 0.25, None, "insufficient"),
    ("MA-4", stalls(), AS_OF, 0.01, (0.003, 0.036), "amber"),
]
