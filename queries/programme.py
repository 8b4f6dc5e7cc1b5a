"""The programme as leadership sees it: what is at risk under each pattern, who is stalled, why."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from queries.engine import Connection, run
from queries.gates import Gate, gates
from queries.grading.survival import median_time
from queries.rollup import SEVERITY, matrix
from queries.rules import checks, patterns

Gates = dict[str, dict[str, Gate]]

STAGES = ("idea", "pilot", "limited", "production")
NEXT_GATE = {
    "idea": "limited",
    "pilot": "limited",
    "limited": "production",
    "production": "production",
}
STALLED_DAYS = 90
COMMON_WORKFLOWS, COMMON_SHARE = 2, 0.3
WEIGHTS = ("runs_28d", "cost_usd_28d", "write_steps_28d")

EXPOSURE: dict[str, pl.DataType] = {
    **dict.fromkeys(("pattern", "state"), pl.String()),
    **dict.fromkeys(("green", "amber", "unproven", "red", "not_applicable"), pl.Int64()),
    **dict.fromkeys(("runs_share", "cost_share", "writes_share"), pl.Float64()),
    "red_workflows": pl.List(pl.String()),
}
FUNNEL: dict[str, pl.DataType] = {
    "stage": pl.String(),
    **dict.fromkeys(("workflows", "in_progress", "left"), pl.Int64()),
    "median_days": pl.Float64(),
    "blocker": pl.String(),
}
STALLED: dict[str, pl.DataType] = {
    **dict.fromkeys(("workflow", "stage", "owner"), pl.String()),
    "days_in_stage": pl.Int64(),
    "is_stalled": pl.Boolean(),
    **dict.fromkeys(("gate", "verdict", "sentence", "first"), pl.String()),
}
COMMON: dict[str, pl.DataType] = {
    **dict.fromkeys(("check_id", "title", "subject"), pl.String()),
    "workflows": pl.List(pl.String()),
    "measured": pl.Int64(),
}


class Programme(NamedTuple):
    """`exposure`: a row a pattern. `funnel`: a row a stage. `standing`: a row a workflow.

    `common`: a row a cause that several workflows share.
    """

    exposure: pl.DataFrame
    funnel: pl.DataFrame
    standing: pl.DataFrame
    common: pl.DataFrame


def programme(connection: Connection) -> Programme:
    """The programme as last evaluated."""
    weights = run(connection, "workflow_weight")
    found = gates(connection)
    results = run(connection, "check_matrix")
    return Programme(
        exposure(matrix(connection), weights),
        funnel(weights, found),
        standing(weights, found),
        common(results, run(connection, "failing_subjects")),
    )


def exposure(cells: pl.DataFrame, weights: pl.DataFrame) -> pl.DataFrame:
    """A row a pattern: the worst state in production, and how many workflows are in each state.

    The shares are of production's runs, spend and writes under a red; null where it has none.
    """
    production = cells.filter(stage="production").join(weights, on="workflow", how="left")
    total = _sums(production.unique("workflow"))
    rows: list[dict[str, Any]] = []
    for pattern in patterns():
        own = production.filter(pattern=pattern)
        red = own.filter(state="red")
        counts = Counter(own["state"].to_list())
        under = _sums(red)
        shares = [under[name] / total[name] if total[name] else None for name in WEIGHTS]
        rows.append(
            {
                "pattern": pattern,
                "state": max(counts, key=SEVERITY.__getitem__, default=None),
                **{state: counts[state] for state in SEVERITY},
                **dict(zip(("runs_share", "cost_share", "writes_share"), shares, strict=True)),
                "red_workflows": red["workflow"].to_list(),
            }
        )
    return pl.DataFrame(rows, schema=EXPOSURE)


def _sums(cells: pl.DataFrame) -> dict[str, float]:
    return {name: float(cells[name].cast(pl.Float64).sum()) for name in WEIGHTS}


def funnel(weights: pl.DataFrame, found: Gates) -> pl.DataFrame:
    """A row a stage: workflows in it now, how many left it, median days in it, what blocks most.

    Kaplan-Meier, those still in it censored; null where fewer than half have left.
    """
    rows = [_stage(stage, weights.to_dicts(), found) for stage in STAGES]
    return pl.DataFrame(rows, schema=FUNNEL)


def _stage(stage: str, weights: list[dict[str, Any]], found: Gates) -> dict[str, Any]:
    here = [row for row in weights if row["stage"] == stage]
    spells = [spell for row in weights if (spell := _spell(stage, row))]
    days = np.array([days for days, _ in spells], dtype=float)
    ended = np.array([left for _, left in spells], dtype=bool)
    named = Counter(
        line.check_id or line.group
        for row in here
        if row["workflow"] in found
        for line in _in_the_way(found[row["workflow"]][NEXT_GATE[stage]])
    )
    return {
        "stage": stage,
        "workflows": len(here),
        "in_progress": int((~ended).sum()),
        "left": int(ended.sum()),
        "median_days": median_time(days, ended),
        "blocker": min(named, key=lambda name: (-named[name], name), default=None),
    }


def _spell(stage: str, row: dict[str, Any]) -> tuple[float, bool] | None:
    """Days in a stage and whether they ended; null for one who never was in it."""
    times = {
        "pilot": (row["first_run_at"], row["left_pilot_at"]),
        "limited": (row["left_pilot_at"], row["left_limited_at"]),
    }
    began, left = times.get(stage, (None, None))
    if began is None or (left is not None and left <= began):
        return None
    return ((left or row["as_of"]) - began).total_seconds() / 86_400, left is not None


def _in_the_way(gate: Gate) -> list[Any]:
    return gate.those("not_met") or gate.those("not_provable")


def standing(weights: pl.DataFrame, found: Gates) -> pl.DataFrame:
    """A row a workflow, longest in its stage first: days in it, whether it is stalled (over 90 days
    and not ready for the next), the verdict of its next gate, the first thing in the way.
    """
    rows: list[dict[str, Any]] = []
    for row in weights.iter_rows(named=True):
        gate = NEXT_GATE.get(row["stage"], "limited")
        judged = found.get(row["workflow"], {}).get(gate)
        since = row["stage_since"]
        days = (row["as_of"] - since).days if since else None
        ready = judged is not None and judged.verdict in ("ready", "ready_with_conditions")
        is_waiting = row["stage"] != "production" and not ready
        first = _in_the_way(judged)[:1] if judged else []
        rows.append(
            {
                **{key: row[key] for key in ("workflow", "stage", "owner")},
                "days_in_stage": days,
                "is_stalled": is_waiting and days is not None and days > STALLED_DAYS,
                "gate": gate,
                "verdict": judged.verdict if judged else None,
                "sentence": judged.sentence if judged else "Not evaluated yet.",
                "first": first[0].text if first else None,
            }
        )
    frame = pl.DataFrame(rows, schema=STALLED)
    return frame.sort("is_stalled", "days_in_stage", descending=True, nulls_last=True)


def common(results: pl.DataFrame, subjects: pl.DataFrame) -> pl.DataFrame:
    """Causes lifted to the platform: the same check failing on the same subject in two workflows or
    more, and in at least 30 % of those where the check is measured. Most workflows first."""
    measured = Counter(results.filter(pl.col("value").is_not_null())["check_id"].to_list())
    where: dict[tuple[str, str], set[str]] = defaultdict(set)
    for check_id, subject, workflow in subjects.iter_rows():
        where[check_id, subject].add(workflow)
    rows: list[dict[str, Any]] = [
        {
            "check_id": check_id,
            "title": checks()[check_id].title,
            "subject": subject,
            "workflows": sorted(names),
            "measured": measured[check_id],
        }
        for (check_id, subject), names in where.items()
        if check_id in checks()
        and len(names) >= COMMON_WORKFLOWS
        and len(names) >= COMMON_SHARE * measured[check_id]
    ]
    rows.sort(key=lambda row: (-len(row["workflows"]), row["check_id"], row["subject"]))
    return pl.DataFrame(rows, schema=COMMON)
