"""From checks to patterns: worst of the gate checks; the others can only pull green to amber."""

from __future__ import annotations

import json
from typing import Any

import polars as pl

from queries.engine import Connection, run
from queries.rules import Check, Pattern, checks, patterns
from queries.wording import about

SEVERITY = {"not_applicable": 0, "green": 1, "amber": 2, "unproven": 3, "red": 4}
COLOURED = ("green", "amber", "red", "waived")

MATRIX: dict[str, pl.DataType] = {
    **dict.fromkeys(("workflow", "stage", "pattern", "state"), pl.String()),
    **dict.fromkeys(("measured", "built", "total"), pl.Int64()),
    **dict.fromkeys(("worst_check", "sentence"), pl.String()),
}


def matrix(connection: Connection) -> pl.DataFrame:
    """The seven patterns of every workflow as last evaluated; see roll_up for the columns."""
    return roll_up(run(connection, "check_matrix"))


def roll_up(results: pl.DataFrame) -> pl.DataFrame:
    """One row a workflow and pattern from rows of check_results, with `stage` where it is known.

    state is green, amber, red, unproven or not_applicable. measured, built and total count the
    checks that have a colour, that exist, and that the full scorecard has. worst_check decided the
    state, sentence says it in words.
    """
    rows: list[dict[str, Any]] = []
    for (workflow,), own in results.partition_by("workflow", as_dict=True).items():
        stage = own["stage"][0] if "stage" in own.columns else None
        found = {row["check_id"]: row for row in own.iter_rows(named=True)}
        for pattern in patterns().values():
            built = [check for check in checks().values() if check.pattern == pattern.id]
            judged = [(check, found[check.id]) for check in built if check.id in found]
            row = {"workflow": workflow, "stage": stage, **pattern_row(pattern, judged)}
            rows.append({**row, "built": len(built)})
    return pl.DataFrame(rows, schema=MATRIX).sort("workflow", maintain_order=True)


def pattern_row(pattern: Pattern, judged: list[tuple[Check, dict[str, Any]]]) -> dict[str, Any]:
    """State, counts and words of one pattern of one workflow, from its checks and their results."""
    row: dict[str, Any] = {"pattern": pattern.id, "total": pattern.planned}
    measured = sum(result["state"] in COLOURED for _, result in judged)
    if not judged:
        return {**row, "state": "unproven", "measured": 0, "sentence": "Not evaluated yet."}
    check, result = max(
        judged, key=lambda pair: (_severity(*pair), pair[0].is_gate, _excess(*pair))
    )
    return {
        **row,
        "state": effect(check, result["state"]),
        "measured": measured,
        "worst_check": check.id,
        "sentence": about(check, result),
    }


def effect(check: Check, state: str) -> str:
    """What one check's state means for its pattern."""
    if state == "not_applicable":
        return state
    if check.is_gate:
        return {"waived": "amber"}.get(state, state if state in SEVERITY else "unproven")
    return "amber" if state in ("red", "amber", "waived") else "green"


def _severity(check: Check, result: dict[str, Any]) -> int:
    return SEVERITY[effect(check, result["state"])]


def _excess(check: Check, result: dict[str, Any]) -> float:
    """How far the value is beyond its red limit, to choose between checks of one state."""
    value: float | None = result["value"]
    limit: float = result["limit_r"]
    if value is None or not limit:
        return float(result["k"] or 0)
    return limit / max(value, 1e-9) if check.limits.good_is_high else value / limit


def nested(connection: Connection) -> dict[str, Any]:
    """The last evaluation as one nested record: as_of, workflows, their patterns, their checks."""
    results = run(connection, "check_matrix")
    rows = [{**row, "missing": json.loads(row["missing"])} for row in results.to_dicts()]
    workflows: dict[str, dict[str, Any]] = {}
    for cell in roll_up(results).to_dicts():
        home = {"workflow": cell["workflow"], "stage": cell["stage"]}
        entry = workflows.setdefault(cell["workflow"], {**home, "patterns": []})
        kept = {key: cell[key] for key in ("pattern", "state", "measured", "total")}
        own = [row for row in rows if all(row[key] == cell[key] for key in ("workflow", "pattern"))]
        entry["patterns"].append({**kept, "checks": own})
    as_of = rows[0]["as_of"] if rows else None
    return {"as_of": as_of, "workflows": list(workflows.values())}
