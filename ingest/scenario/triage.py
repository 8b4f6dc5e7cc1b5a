"""What becomes of feedback: its category, the release that fixed it, the test made of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from ingest.scenario.calendar import DAY_US, EPOCH, Period
from ingest.scenario.files import iso
from ingest.scenario.replays import case
from ingest.scenario.runs import Chance, Run
from ingest.scenario.world import Version

UNTRIAGED = "kyc-screening"
UNTRIAGED_SHARE = 0.9
DUPLICATE_SHARE = 0.12
DECLINED_SHARE = 0.1
COMPLAINTS = (
    (("policy", 3), ("tone", 2), ("slow", 2)),
    (("missing_field", 6), ("policy", 1)),
    (("wrong_answer", 5), ("missing_field", 4), ("slow", 1)),
)
FIXED_BY = {"wrong_answer": -2, "missing_field": -1}
COLUMNS = (
    "feedback_id",
    "category",
    "severity",
    "triaged_at",
    "triaged_by",
    "resolution",
    "resolved_at",
    "fix_version",
    "eval_case",
)

Row = dict[str, Any]


def triage(scores: list[Row], runs: list[Run], period: Period, chance: Chance) -> Iterator[Row]:
    """Triage of everything people said: within two days, except where nobody looks."""
    found = {run.run_id: run for run in runs}
    for score in scores:
        if score["source"] == "EVAL":
            continue
        run = found[score["traceId"]]
        is_late = run.plan.flow.name == UNTRIAGED
        if is_late and chance.rng.random() < UNTRIAGED_SHARE:
            continue
        days = (7, 14) if is_late else (0.05, 1.9)
        seen = _moment(score["timestamp"]) + int(chance.rng.uniform(*days) * DAY_US)
        if seen < period.until:
            about = {"feedback_id": score["id"], "triaged_at": iso(seen)}
            about["triaged_by"] = "triage-rota"
            if score["stringValue"] in ("True", "correct"):
                judged = {"category": "praise", "severity": "low", "resolution": "not_a_defect"}
                yield about | judged
            else:
                number = chance.count(f"{run.plan.flow.name} {score['dataType']}")
                yield about | _defect(run, seen, number, period, chance)


def _moment(text: str) -> int:
    return int(dt.datetime.fromisoformat(text).timestamp() * 1_000_000)


def _defect(run: Run, seen: int, number: int, period: Period, chance: Chance) -> Row:
    """A complaint of the kinds that runs of its version draw, made into a test."""
    rng, flow = chance.rng, run.plan.flow
    newer = len(flow.versions) - 1 - flow.versions.index(run.plan.version)
    kinds = COMPLAINTS[min(newer, len(COMPLAINTS) - 1)]
    category = rng.choices([k for k, _ in kinds], [w for _, w in kinds])[0]
    found: Row = {
        "category": category,
        "severity": rng.choice(("low", "medium", "medium", "high")),
        "resolution": "open",
        "eval_case": case(flow, number),
    }
    draw = rng.random()
    done = seen + int(chance.around(0.4, 0.5) * DAY_US)
    if draw < DUPLICATE_SHARE + DECLINED_SHARE and category not in FIXED_BY:
        found["resolution"] = "duplicate" if draw < DUPLICATE_SHARE else "wont_fix"
    elif category in FIXED_BY:
        release = flow.versions[FIXED_BY[category]]
        done = max(done, _released(release, period))
        found |= {"resolution": "fixed", "fix_version": release.name}
    if found["resolution"] != "open":
        found["resolved_at"] = iso(min(done, period.until))
    return found


def _released(version: Version, period: Period) -> int:
    return ((period.end - EPOCH).days - version.since_days) * DAY_US
