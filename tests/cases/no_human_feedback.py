"""No human feedback: reviews and flags."""

from __future__ import annotations

from datetime import timedelta

from store_builder import AS_OF, Rows

from cases.rows import DAY, runs


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


WORKED = [
    ("FB-1", reviews(), AS_OF, 40, None, "amber"),
    ("FB-3", flags(), AS_OF, 0.25, None, "insufficient"),
]
