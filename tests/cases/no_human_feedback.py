"""No human feedback: flags, reviews, triage, fixes, corrections."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from store_builder import AS_OF, Rows, run_row

from cases.no_observability import opinion
from cases.rows import runs

LONG_AGO = AS_OF - timedelta(days=100)


def reviews(n: int = 40, good: int = 34) -> Rows:
    rows = runs(n)
    told = [
        opinion(run, 1, source="sampled_review", verdict="correct" if i < good else "incorrect")
        for i, run in enumerate(rows)
    ]
    return {"runs": rows, "feedback": told}


def flags(*waits: tuple[float, bool]) -> Rows:
    """Flags with days waited, and whether they were triaged then."""
    feedback = []
    for days, ended in waits:
        start = AS_OF - timedelta(days=10 if ended else days)
        times = {"created_at": start, "triaged_at": start + timedelta(days=days) if ended else None}
        feedback.append({"run_id": "r0", "target_id": "r0", "verdict": "incorrect", **times})
    return {"runs": runs(1), "feedback": feedback}


def flagged(n: int, flags: int, **columns: Any) -> Rows:
    rows = runs(n)
    return {"runs": rows, "feedback": [opinion(run, 1, **columns) for run in rows[:flags]]}


def triaged(*categories: str | None) -> Rows:
    rows = runs(len(categories))
    told = [
        opinion(run, 1, category=category, triaged_at=run["started_at"] + timedelta(hours=2))
        for run, category in zip(rows, categories, strict=True)
    ]
    return {"runs": rows, "feedback": told}


def defects(checked: int, unchecked: int, declined: int = 0, **columns: Any) -> Rows:
    """Defects of 100 days ago: fixed and run again, fixed only, declined."""
    fixed = {"resolution": "fixed", "resolved_at": LONG_AGO + timedelta(days=9), "fix_version": "2"}
    rows = runs(1, version="2")
    told = []
    for i in range(checked + unchecked + declined):
        rows.append(run_row(f"d{i}", LONG_AGO))
        told.append(opinion(rows[-1], 1, triaged_at=LONG_AGO, eval_case=f"case-{i}"))
        told[-1] |= fixed if i < checked + unchecked else {"resolution": "wont_fix"}
        if i < checked:
            again = {"stage": "replay", "task_key": f"case-{i}"} | columns
            rows.append(run_row(f"a{i}", LONG_AGO + timedelta(days=20), **again))
    return {"runs": rows, "feedback": told}


def recurring(before: int, runs_before: int, after: int, runs_after: int) -> Rows:
    """Runs in two months around one fix of `late`, and how often each was reported late."""
    fix = AS_OF - timedelta(days=60)
    early, late = fix - timedelta(days=20), fix + timedelta(days=58)
    old = [run_row(f"b{i}", early + timedelta(minutes=i)) for i in range(runs_before)]
    new = [run_row(f"a{i}", late + timedelta(minutes=i)) for i in range(runs_after)]
    told = [opinion(run, 1, category="late") for run in old[:before] + new[:after]]
    told[0] |= {"resolution": "fixed", "resolved_at": fix, "triaged_at": early}
    return {"runs": old + new, "feedback": told}


def corrections(n: int, tested: int, ran_days_ago: float = 3) -> Rows:
    """Corrections of last week; the first have an eval case that was replayed since."""
    rows = runs(n)
    told = [opinion(run, 1, correction="42", eval_case=None) for run in rows]
    again = AS_OF - timedelta(days=ran_days_ago)
    for i in range(tested):
        told[i]["eval_case"] = f"case-{i}"
        rows.append(run_row(f"a{i}", again, stage="replay", task_key=f"case-{i}"))
    return {"runs": rows, "feedback": told}


def weeks(*failed: int, labels: int = 100, **columns: Any) -> Rows:
    """Sampled reviews of so many runs a week, of which so many failed; oldest week first."""
    rows, told = runs(1), []
    for week, bad in enumerate(failed):
        start = AS_OF - timedelta(days=7 * (len(failed) - week) - 1)
        for i in range(labels):
            rows.append(run_row(f"w{week}-{i}", start, **columns))
            verdict = "incorrect" if i < bad else "correct"
            told.append(opinion(rows[-1], 2, source="sampled_review", verdict=verdict))
    return {"runs": rows, "feedback": told}


SIX = ((1, True), (2, True), (2, True), (5, True), (3, False), (6, False))
SPREAD = ["wrong amount", "too late", "wrong tone"] * 15

WORKED = [
    ("FB-1", reviews(), AS_OF, 40, None, "amber"),
    ("FB-1", reviews(100, 90), AS_OF, 100, None, "green"),
    ("FB-1", reviews(29, 29), AS_OF, 29, None, "red"),
    ("FB-2", flagged(400, 0), AS_OF, 0.99**400, None, "red"),
    ("FB-2", flagged(298, 0), AS_OF, 0.99**298, None, "insufficient"),
    ("FB-2", flagged(400, 4), AS_OF, 0.99**400, None, "green"),
    ("FB-3", flags(*SIX), AS_OF, 0.25, None, "insufficient"),
    ("FB-3", flags(*[(1, True)] * 20), AS_OF, 0.0, None, "green"),
    ("FB-3", flags(*[(1, True)] * 5, *[(9, False)] * 15), AS_OF, 0.75, None, "red"),
    ("FB-4", triaged(*SPREAD, *["other"] * 5), AS_OF, 0.9, (0.786, 0.957), "green"),
    ("FB-4", triaged(*SPREAD[:30], *["Other", None] * 5), AS_OF, 0.75, None, "amber"),
    ("FB-4", triaged(*SPREAD[:20], *["Other", None] * 30), AS_OF, 0.25, None, "red"),
    ("FB-5", defects(6, 4), AS_OF, 0.6, (0.313, 0.832), "amber"),
    ("FB-5", defects(20, 2), AS_OF, 20 / 22, None, "green"),
    ("FB-5", defects(2, 20), AS_OF, 2 / 22, None, "red"),
    ("FB-6", recurring(12, 1000, 9, 1500), AS_OF, 0.5, (0.186, 1.293), "amber"),
    ("FB-6", recurring(20, 1000, 2, 1000), AS_OF, 0.1, None, "green"),
    ("FB-6", recurring(10, 1000, 12, 1000), AS_OF, 1.2, None, "red"),
    ("FB-6", recurring(9, 1000, 0, 1000), AS_OF, 0.0, None, "insufficient"),
    ("FB-7", corrections(20, 8), AS_OF, 0.4, (0.219, 0.613), "amber"),
    ("FB-7", corrections(20, 18), AS_OF, 0.9, None, "green"),
    ("FB-7", corrections(40, 1), AS_OF, 0.025, None, "red"),
    ("FB-8", weeks(24, 20, 14, 8), AS_OF, -3.253071075, None, "green"),
    ("FB-8", weeks(20, 18, 14, 12), AS_OF, -1.707825128, None, "amber"),
    ("FB-8", weeks(8, 14, 20, 24), AS_OF, 3.253071075, None, "red"),
    ("FB-8", weeks(24, 20, 14), AS_OF, -1.790542266, None, "insufficient"),
]
