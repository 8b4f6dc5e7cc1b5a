"""Technology before workflow: maps and the paths that runs take."""

from __future__ import annotations

from typing import Any

from store_builder import AS_OF, Rows, step_row

from cases.rows import declared, runs


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


HALF = {"trigger": None, "fallback": None, "done_when": None}

WORKED = [
    ("WF-1", declared(**HALF), AS_OF, 0.75, None, "red"),
    ("WF-1", declared(), AS_OF, 1.0, None, "green"),
    ("WF-2", paths("ABC", "ABX", "AC", "ABBC"), AS_OF, 0.25, (0.05, 0.70), "insufficient"),
]
