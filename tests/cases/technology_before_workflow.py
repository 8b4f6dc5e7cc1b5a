"""Technology before workflow: maps, the paths that runs take, and where their work lands."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from store_builder import AS_OF, Rows, run_row, step_row

from cases.rows import DAY, declaration, declared, runs

SEEN_AND_UNSEEN = ("^A", "AB", "BC", "BX", "C$", "X$", "BH", "H$")


def edges(*pairs: str, **columns: Any) -> list[dict[str, Any]]:
    return [
        {"workflow": "refunds", "from_step": a, "to_step": b, "is_exception": False} | columns
        for a, b in pairs
    ]


def paths(*sequences: str) -> Rows:
    """One run a sequence of steps, on the map of the design's example."""
    rows = runs(len(sequences))
    steps = [
        step_row(run, f"s{i}", 2 * i, step=step, seq=i)
        for run, sequence in zip(rows, sequences, strict=True)
        for i, step in enumerate(sequence)
    ]
    return {"runs": rows, "steps": steps, "workflow_edges": edges(*SEEN_AND_UNSEEN)}


def branches(*sequences: str) -> Rows:
    """The same, with every transition a declared branch."""
    rows = paths(*sequences)
    rows["workflow_edges"] = edges(*SEEN_AND_UNSEEN, is_branch=True)
    return rows | {"workflows": [declaration()]}


def troubled(*stories: str, **call: Any) -> Rows:
    """One run a story: its call failed and then it died, retried, or went to the handover."""
    rows, steps = runs(len(stories)), []
    known = {"side_effect": "read", "input_hash": "h", "error_class": "timeout"} | call
    for run, story in zip(rows, stories, strict=True):
        steps.append(step_row(run, "s0", 0, seq=0, status="error", attempt=1, **known))
        if story == "retry":
            again = known | {"error_class": None, "attempt": 2}
            steps.append(step_row(run, "s1", 2, seq=1, **again))
        if story == "path":
            steps.append(step_row(run, "s1", 2, seq=1, kind="human", step="handover"))
    trigger = {"workflow": "refunds", "trigger": "crm:timeout", "to_step": "handover"}
    return {
        "runs": rows,
        "steps": steps,
        "workflows": [declaration()],
        "workflow_paths": [trigger],
    }


def landings(runs_: int, confirmed: int, inputs: int, **columns: Any) -> Rows:
    """Successful runs, some of which wrote to the declared output, with so many distinct inputs."""
    rows = [
        run_row(f"r{i}", DAY + timedelta(minutes=i), input_hash=f"h{min(i, inputs - 1)}", **columns)
        for i in range(runs_)
    ]
    known = {"tool": "billing.refund", "side_effect": "external", "is_executed": True}
    steps = [step_row(run, "s0", **known) for run in rows[:confirmed]]
    home = declaration(outputs='["billing.refund"]')
    return {"runs": rows, "steps": steps, "workflows": [home]}


HALF = {"trigger": None, "fallback": None, "done_when": None}
FOUR_RUNS = ("ABC", "ABX", "AC", "ABBC")
BOTH_ENDS = ("ABC",) * 20 + ("ABX",) * 20
FIVE_STORIES = ("path", "path", "path", "retry", "died")
VARIANTS = ("ABC",) * 4 + ("ABX",) * 2 + ("AC", "AB")

WORKED = [
    ("WF-1", declared(**HALF), AS_OF, 0.75, None, "red"),
    ("WF-1", declared(), AS_OF, 1.0, None, "green"),
    ("WF-2", paths(*FOUR_RUNS), AS_OF, 0.25, (0.05, 0.70), "insufficient"),
    ("WF-2", paths(*["ABC"] * 60), AS_OF, 0.0, None, "green"),
    ("WF-2", paths(*["ABC"] * 30, *["AC"] * 10), AS_OF, 0.25, (0.1419, 0.4019), "red"),
    ("WF-3", paths(*FOUR_RUNS), AS_OF, 1 / 15, None, "insufficient"),
    ("WF-3", paths(*["ABC"] * 60), AS_OF, 0.0, None, "green"),
    ("WF-3", paths(*["ABC"] * 45, *["AC"] * 15), AS_OF, 15 / 225, None, "red"),
    ("WF-4", branches(*BOTH_ENDS), AS_OF, 0.75, None, "amber"),
    ("WF-4", branches(*BOTH_ENDS, *["ABH"] * 3), AS_OF, 1.0, None, "green"),
    ("WF-4", branches(*["ABC"] * 40), AS_OF, 0.5, None, "red"),
    ("WF-5", troubled(*FIVE_STORIES), AS_OF, 0.2, (0.0362, 0.6245), "insufficient"),
    ("WF-5", troubled(*["retry"] * 20, *["path"] * 20), AS_OF, 0.0, None, "green"),
    ("WF-5", troubled(*["path"] * 15, *["died"] * 15), AS_OF, 0.5, None, "red"),
    ("WF-6", landings(20, 18, 12), AS_OF, 0.1, None, "insufficient"),
    ("WF-6", landings(60, 60, 60), AS_OF, 0.0, None, "green"),
    ("WF-6", landings(60, 40, 60), AS_OF, 1 / 3, None, "red"),
    ("WF-7", paths(*VARIANTS), AS_OF, 0.25, None, "insufficient"),
    ("WF-7", paths(*["ABC"] * 60), AS_OF, 0.0, (0.0, 0.0487), "green"),
    ("WF-7", paths(*["ABC"] * 30, *("ABX" * i for i in range(1, 21))), AS_OF, 0.4, None, "red"),
]
