"""What a gate asks beside its checks: exposure, success, review; and how much is still needed."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any, NamedTuple

from queries.grading import clean_needed, wilson

Facts = dict[str, Any]
FEWEST_KNOWN, FARTHEST = 30, 100_000


class Bar(NamedTuple):
    """How high one gate is: fewest runs and days, success below the SLO, most unknown, evidence."""

    runs: int
    work_days: int
    peak_days: int
    limited_days: int
    slo_margin: float
    unknown: float
    labels: int
    level: str


class Requirement(NamedTuple):
    """One line of a gate. `state` is met, not_met, not_provable, or condition (met, with a string
    attached). `runs` and `days` say how many more are needed, where that is what is missing."""

    group: str
    state: str
    text: str
    check_id: str | None = None
    runs: int | None = None
    days: int | None = None


BARS = {
    "limited": Bar(100, 10, 1, 0, 0.10, 0.20, 0, "E1"),
    "production": Bar(1000, 0, 0, 28, 0.03, 0.10, 100, "E2"),
}


def asked(gate: str, facts: Facts) -> Iterator[Requirement]:
    """Every requirement of a gate that is no check, for one row of gate_facts."""
    bar = BARS[gate]
    yield from _exposure(gate, bar, facts)
    yield _success(bar, facts)
    yield _unknown(bar, facts)
    if bar.labels:
        n = facts["labels_30d"]
        words = f"{n} of {bar.labels} random reviews in 30 days."
        yield Requirement("success", _reached(n, bar.labels), words)
    yield from _review(gate, facts)


def _reached(n: float, needed: float) -> str:
    return "met" if n >= needed else "not_provable"


def _exposure(gate: str, bar: Bar, facts: Facts) -> Iterator[Requirement]:
    runs, needed = facts["runs"], bar.runs
    if gate == "production":
        runs, slo = facts["limited_runs"], facts["slo_success"]
        needed = min(needed, clean_needed(1 - slo)) if slo and slo < 1 else needed
    lacking = max(0, needed - runs)
    where = "finished runs" if gate == "limited" else "finished runs in limited or production"
    text = f"{runs} of {needed} {where}."
    days = math.ceil(lacking * 28 / facts["runs_28d"]) if lacking and facts["runs_28d"] else None
    yield Requirement("exposure", _reached(runs, needed), text, runs=lacking or None, days=days)
    for name, counted, least in (
        ("working days with runs", facts["work_days"], bar.work_days),
        (
            "peak days (half as many runs again as the median day)",
            facts["peak_days"],
            bar.peak_days,
        ),
        ("days in limited or production", facts["limited_days"], bar.limited_days),
    ):
        if least:
            short = max(0, least - counted) or None
            words = f"{counted} of {least} {name}."
            yield Requirement("exposure", _reached(counted, least), words, days=short)


def _success(bar: Bar, facts: Facts) -> Requirement:
    """Shown good enough, shown not to be, or neither: with how many runs would tell."""
    slo, known, good = facts["slo_success"], facts["known_28d"], facts["successes_28d"]
    if slo is None:
        return Requirement(
            "success", "not_provable", "Needs a success objective: declare slo.success."
        )
    least = slo - bar.slo_margin
    if known < FEWEST_KNOWN:
        lacking = FEWEST_KNOWN - known
        words = f"{known} runs of known outcome in 28 days; needs {FEWEST_KNOWN}."
        return Requirement("success", "not_provable", words, runs=lacking)
    lo, hi = wilson(good, known)
    words = (
        f"Success {good / known:.1%} of {known} runs (95%: {lo:.1%} to {hi:.1%});"
        f" its lower end must reach {least:.1%}."
    )
    if lo >= least:
        return Requirement("success", "met", words)
    state = "not_met" if hi < least else "not_provable"
    return Requirement("success", state, words, runs=more_runs(good / known, known, least))


def more_runs(share: float, n: int, least: float) -> int | None:
    """How many more runs of that share lift the lower Wilson end to `least`; null if none do."""
    if share <= least:
        return None
    low, high = n, FARTHEST
    if wilson(share * high, high)[0] < least:
        return None
    while low < high:
        middle = (low + high) // 2
        if wilson(share * middle, middle)[0] >= least:
            high = middle
        else:
            low = middle + 1
    return low - n or None


def _unknown(bar: Bar, facts: Facts) -> Requirement:
    runs, known = facts["runs_28d"], facts["known_28d"]
    if not runs:
        return Requirement("success", "not_provable", "No finished run in 28 days.")
    unknown = (runs - known) / runs
    words = f"Outcome unknown for {unknown:.0%} of {runs} runs; at most {bar.unknown:.0%}."
    return Requirement("success", "met" if unknown <= bar.unknown else "not_provable", words)


def _review(gate: str, facts: Facts) -> Iterator[Requirement]:
    signed = [s["signed_by"] for s in json.loads(facts["signoffs"]) if s["gate"] == gate]
    outside = [name for name in signed if name and name != facts["owner_engineering"]]
    words = f"Reviewed by {', '.join(outside)}, outside the building team."
    lacking = "Needs a reviewer outside the building team, among the signoffs of the workflow."
    yield Requirement("review", _reached(len(outside), 1), words if outside else lacking)
    if gate == "production":
        owner = facts["owner_operations"]
        accepts = owner is not None and owner in signed
        told = (
            f"Accepted by {owner} for operations."
            if accepts
            else "Needs the operations owner's signoff."
        )
        yield Requirement("review", "met" if accepts else "not_provable", told)
