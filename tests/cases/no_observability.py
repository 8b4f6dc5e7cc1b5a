"""No observability: traces and outcomes."""

from __future__ import annotations

from store_builder import AS_OF, Rows, run_row, step_row

from cases.rows import DAY, runs


def traces() -> Rows:
    rows = runs(50)
    rows[0]["n_steps"], rows[1]["ended_at"] = 0, None
    steps = [
        step_row(run, "s1", parent_step_id="gone" if i == 2 else None) for i, run in enumerate(rows)
    ]
    return {"runs": rows, "steps": steps[1:]}


def outcomes() -> Rows:
    return {"runs": runs(150) + [run_row(f"u{i}", DAY, outcome="unknown") for i in range(50)]}


WORKED = [
    ("OBS-1", traces(), AS_OF, 0.06, (0.021, 0.162), "red"),
    ("OBS-5", outcomes(), AS_OF, 0.75, None, "amber"),
]
