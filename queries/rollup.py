"""From checks to patterns: worst of the gate checks; the others can only pull green to amber."""

from __future__ import annotations

from typing import Any

import polars as pl

from queries.engine import Connection, run
from queries.rules import Check, Pattern, checks, patterns
from queries.wording import about

SEVERITY = {"not_applicable": 0, "green": 1, "amber": 2, "unproven": 3, "red": 4}
COLOURED = ("green", "amber", "red", "waived")
WORTH = {"green": 1.0, "amber": 0.5}
GATE_WEIGHT, RED_CAP, UNPROVEN_CAP = 2, 49, 79

MATRIX: dict[str, pl.DataType] = {
    **dict.fromkeys(("workflow", "stage", "pattern", "state"), pl.String()),
    **dict.fromkeys(("measured", "total"), pl.Int64()),
    **dict.fromkeys(("evidence_level", "worst_check", "sentence"), pl.String()),
}

Judged = list[tuple[Check, dict[str, Any]]]


def matrix(connection: Connection) -> pl.DataFrame:
    """The seven patterns of every workflow as last evaluated; see roll_up for the columns."""
    return roll_up(run(connection, "check_matrix"))


def roll_up(results: pl.DataFrame) -> pl.DataFrame:
    """One row a workflow and pattern from rows of check_results, with `stage` where it is known.

    state is green, amber, red, unproven or not_applicable. measured and total count the checks that
    have a colour, and all of them. evidence_level is the lowest among the deciding checks that have
    a colour. worst_check decided the state, sentence says it in words.
    """
    rows: list[dict[str, Any]] = []
    for (workflow,), own in results.partition_by("workflow", as_dict=True).items():
        stage = own["stage"][0] if "stage" in own.columns else None
        home = {"workflow": workflow, "stage": stage}
        found = judged_of(own)
        for pattern in patterns().values():
            mine = [pair for pair in found if pair[0].pattern == pattern.id]
            rows.append({**home, **pattern_row(pattern, mine, stage)})
    return pl.DataFrame(rows, schema=MATRIX).sort("workflow", maintain_order=True)


def judged_of(results: pl.DataFrame) -> Judged:
    """The checks of one workflow with their results, in the order of the checks."""
    found = {row["check_id"]: row for row in results.iter_rows(named=True)}
    return [(check, found[check.id]) for check in checks().values() if check.id in found]


def pattern_row(pattern: Pattern, judged: Judged, stage: str | None = None) -> dict[str, Any]:
    """State, counts and words of one pattern of one workflow, from its checks and their results."""
    row: dict[str, Any] = {"pattern": pattern.id, "total": len(checks_of(pattern.id))}
    coloured = [(check, found) for check, found in judged if found["state"] in COLOURED]
    if not judged:
        return {**row, "state": "unproven", "measured": 0, "sentence": "Not evaluated yet."}
    check, result = max(judged, key=lambda pair: _weight(pair[0], pair[1], stage))
    levels = [found["evidence_level"] for check, found in coloured if decides(check, stage)]
    return {
        **row,
        "state": effect(check, standing(result), stage),
        "measured": len(coloured),
        "evidence_level": min(levels, default=None),
        "worst_check": check.id,
        "sentence": about(check, result),
    }


def checks_of(pattern: str) -> list[Check]:
    """The checks of a pattern, in their order."""
    return [check for check in checks().values() if check.pattern == pattern]


def decides(check: Check, stage: str | None) -> bool:
    """Whether a check decides its pattern: those for production do so from there on."""
    return check.gate == "pilot" or (check.gate == "production" and stage == "production")


def standing(result: dict[str, Any]) -> str:
    """The state a result counts with: that of an alarm whose data are gone is the one it held."""
    state: str = result.get("held_state") or result["state"]
    return state


def effect(check: Check, state: str, stage: str | None = None) -> str:
    """What one check's state means for its pattern: others than the deciding pull to amber only."""
    if state == "not_applicable":
        return state
    if decides(check, stage):
        return {"waived": "amber"}.get(state, state if state in SEVERITY else "unproven")
    return "amber" if state in ("red", "amber", "waived") else "green"


def progress(judged: Judged, stage: str | None = None) -> float | None:
    """How far a workflow is, 0 to 100, for trend lines only; null where no check applies.

    Green counts 1, amber one half, all else 0, deciding checks twice; at most 49 with a deciding
    check red and 79 with one unproven. Never sorted on and never gated on.
    """
    total = gained = 0.0
    cap = 100
    for check, result in judged:
        state = standing(result)
        if state == "not_applicable":
            continue
        weight = GATE_WEIGHT if decides(check, stage) else 1
        total, gained = total + weight, gained + weight * WORTH.get(state, 0.0)
        found = effect(check, state, stage) if decides(check, stage) else "green"
        cap = min(cap, {"red": RED_CAP, "unproven": UNPROVEN_CAP}.get(found, 100))
    return min(cap, 100 * gained / total) if total else None


def _weight(check: Check, result: dict[str, Any], stage: str | None) -> tuple[float, ...]:
    """What makes one check the one that stands for its pattern."""
    severity = SEVERITY[effect(check, standing(result), stage)]
    is_measured = result["value"] is not None
    return severity, decides(check, stage), is_measured, _excess(check, result)


def _excess(check: Check, result: dict[str, Any]) -> float:
    """How far the value is beyond its red limit, to choose between checks of one state."""
    value: float | None = result["value"]
    limit: float = result["limit_r"]
    if value is None or not limit:
        return float(result["k"] or 0)
    return limit / max(value, 1e-9) if check.limits.good_is_high else value / limit
