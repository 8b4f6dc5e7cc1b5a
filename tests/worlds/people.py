"""What people do around a workflow: flag, review, triage, change, drill, count and replay."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, time, timedelta
from random import Random

from store_builder import AS_OF, Rows, run_row

from worlds.homes import DAYS, HARD_TASKS, TASKS, Home
from worlds.traffic import DRILLED_ON, FIXED_ON
from worlds.trail import VERSION, Row, Trail

CATEGORIES = ("wrong amount", "wrong address", "unclear reply", "missing attachment")
FIXED_CATEGORY = "late reply"
REVIEWS_PER_DAY, REVIEW_DAYS = 5, 30
OLD_REVIEWS = 40
CORRECTIONS = 14
REPEATS = 4


def feedback(dice: Random, home: Home, runs: list[Row]) -> list[Row]:
    """Old defects that were fixed, flags of users, and reviews of a random sample."""
    old = [run for run in runs if run["started_at"] < FIXED_ON]
    recent = [run for run in runs if run["started_at"] > AS_OF - timedelta(days=27)]
    flagged, content = _failed(recent), dice.sample(_good(recent), 5)
    return [
        *(_defect(home, run, n) for n, run in enumerate(_failed(old))),
        *(_reviewed(run) for run in dice.sample(_good(old), OLD_REVIEWS)),
        *(_flag(dice, home, run, n) for n, run in enumerate(flagged)),
        *(_flag(dice, home, run, n) | _no_defect() for n, run in enumerate(content, CORRECTIONS)),
        *_reviews(dice, runs),
    ]


def _failed(runs: list[Row]) -> list[Row]:
    return [run for run in runs if run.get("outcome") == "failure"]


def _good(runs: list[Row]) -> list[Row]:
    return [run for run in runs if "outcome" not in run]


def _defect(home: Home, run: Row, number: int) -> Row:
    return _reviewed(run) | {
        "category": FIXED_CATEGORY,
        "triaged_at": run["ended_at"] + timedelta(hours=5),
        "triaged_by": "lee",
        "resolution": "fixed",
        "resolved_at": FIXED_ON,
        "fix_version": VERSION,
        "eval_case": task(home, number),
    }


def _flag(dice: Random, home: Home, run: Row, number: int) -> Row:
    told_at = min(run["ended_at"] + timedelta(hours=dice.uniform(0.2, 2)), AS_OF)
    triaged_at = told_at + timedelta(days=dice.uniform(0.1, 2))
    row = _told(run, told_at, "end_user", "incorrect")
    if triaged_at > AS_OF:
        return row
    known = {"category": CATEGORIES[number % 4], "triaged_at": triaged_at, "triaged_by": "lee"}
    row |= known | {"resolution": "open"}
    if number < CORRECTIONS:
        row |= {"correction": "the right amount", "eval_case": task(home, number)}
    return row


def _no_defect() -> Row:
    return {"verdict": "partial", "resolution": "not_a_defect"}


def _reviews(dice: Random, runs: list[Row]) -> list[Row]:
    rows: list[Row] = []
    for day in range(REVIEW_DAYS):
        until = AS_OF - timedelta(days=day)
        own = [run for run in runs if until - timedelta(days=1) < run["started_at"] <= until]
        for run in dice.sample(own, min(REVIEWS_PER_DAY, len(own))):
            rows.append(_reviewed(run) | {"is_double": len(rows) % 10 == 0})
    return rows


def _reviewed(run: Row) -> Row:
    verdict = "incorrect" if run.get("outcome") == "failure" else "correct"
    told_at = min(run["ended_at"] + timedelta(hours=1), AS_OF)
    return _told(run, told_at, "sampled_review", verdict) | {"is_blind": True}


def _told(run: Row, at: datetime, source: str, verdict: str) -> Row:
    known = {"source": source, "verdict": verdict, "author_hash": f"{source} {run['run_id']}"}
    named = {
        "feedback_id": f"{source} {run['run_id']}",
        "channel": run["channel"],
        "severity": "low",
    }
    return {"run_id": run["run_id"], "target_id": run["run_id"], "created_at": at, **known, **named}


def task(home: Home, number: int) -> str:
    """The number-th task of the replay set."""
    return f"{home.workflow} task {number % TASKS}"


def replays(dice: Random, home: Home) -> Rows:
    """The replay set, four times by the agent or team, and for a team by one agent too."""
    rows: Rows = {"runs": [], "steps": []}
    for architecture in ("multi", "single") if home.is_team else ("single",):
        for number in range(TASKS * REPEATS):
            start = AS_OF - timedelta(days=13) + timedelta(hours=1.5 * len(rows["runs"]))
            run = run_row(f"{home.workflow}.replay.{architecture}.{number}", start, stage="replay")
            is_baseline = home.is_team and architecture == "single"
            is_hard = number % TASKS >= TASKS - HARD_TASKS
            run |= {
                "workflow": home.workflow,
                "version": f"{VERSION} alone" if is_baseline else VERSION,
                "architecture": architecture,
                "task_key": task(home, number),
                "outcome": "failure" if is_baseline and is_hard else "success",
                "channel": "email",
            }
            trail = Trail(run, "desk", dice)
            trail.llm("read, decide and reply", 3600)
            rows["steps"] += trail.close()
            rows["runs"].append(run)
    return rows


def records(dice: Random, home: Home, runs: list[Row]) -> Rows:
    """Changes, drills, and the runs as the business system counts them."""
    own = {"workflow": home.workflow}
    change = {"changed_at": FIXED_ON, "kind": "prompt", "version_to": VERSION, "author": "tom"}
    days = Counter(run["started_at"].date() for run in runs)
    stopped_at = AS_OF - timedelta(days=dice.randint(30, 60))
    injected_at = datetime.combine(DRILLED_ON, time(5))
    drills = [
        _drill(home, "stop", stopped_at, timedelta(minutes=5)),
        _drill(home, "rollback", stopped_at, timedelta(minutes=5)),
        _drill(home, "fault_injection", injected_at, timedelta(hours=12)),
    ]
    return {
        "changes": [own | change | {"approved_by": "lee", "is_rollback": False}],
        "drills": drills,
        "external_counts": [
            own | {"counted_on": day, "source": "business_system", "n": n}
            for day, n in sorted(days.items())
        ],
    }


def _drill(home: Home, kind: str, ran_at: datetime, lasted: timedelta) -> Row:
    known = {"drill_id": f"{kind} {home.workflow}", "workflow": home.workflow, "stage": home.stage}
    return known | {"kind": kind, "ran_at": ran_at, "ended_at": ran_at + lasted}


def bodies(rows: Rows) -> list[Row]:
    """Inputs and outputs of the steps of the first month, as they can still be opened."""
    until = AS_OF - timedelta(days=DAYS - 31)
    kept = [step for step in rows["steps"] if step["run_started_at"] < until]
    place = ("run_id", "step_id", "run_started_at")
    return [{key: step[key] for key in place} | {"input": "-", "output": "-"} for step in kept]
