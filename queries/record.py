"""The last evaluation as one nested record, for programs: patterns, checks, gates."""

from __future__ import annotations

import json
from typing import Any

import polars as pl

from queries.engine import Connection, run
from queries.gates import Gate, gates
from queries.requirements import Requirement
from queries.rollup import judged_of, progress, roll_up


def nested(connection: Connection) -> dict[str, Any]:
    """as_of and the workflows: stage, progress, gates, patterns with the rows of their checks."""
    results = run(connection, "check_matrix")
    cells = roll_up(results).partition_by("workflow", as_dict=True)
    found = gates(connection)
    own = results.partition_by("workflow", as_dict=True)
    workflows = [
        {
            "workflow": name,
            "stage": cells[name,]["stage"][0],
            "progress": progress(judged_of(own[name,]), cells[name,]["stage"][0]),
            "gates": {gate: _gate(judged) for gate, judged in found.get(name, {}).items()},
            "patterns": [_pattern(cell, own[name,]) for cell in cells[name,].iter_rows(named=True)],
        }
        for (name,) in cells
    ]
    return {"as_of": results["as_of"][0] if results.height else None, "workflows": workflows}


def _pattern(cell: dict[str, Any], results: pl.DataFrame) -> dict[str, Any]:
    kept = {key: cell[key] for key in ("pattern", "state", "measured", "total", "evidence_level")}
    rows = results.filter(pattern=cell["pattern"]).iter_rows(named=True)
    return kept | {"checks": [{**row, "missing": json.loads(row["missing"])} for row in rows]}


def _gate(gate: Gate) -> dict[str, Any]:
    return {
        "verdict": gate.verdict,
        "blockers": _lines(gate.those("not_met")),
        "needs": _lines(gate.those("not_provable")),
        "conditions": _lines(gate.those("condition")),
        "met": len(gate.those("met")),
    }


def _lines(requirements: list[Requirement]) -> list[dict[str, Any]]:
    wanted = ("group", "text", "check_id", "runs", "days")
    return [{key: getattr(line, key) for key in wanted} for line in requirements]
