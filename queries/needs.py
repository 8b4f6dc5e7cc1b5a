"""Whether the data a check needs are there: rows of tables, and fields filled often enough."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

import polars as pl

from queries.catalog import statement
from queries.engine import Connection, ask
from queries.rules import FOLDER, Check, Need

ENOUGH = 0.8


class Filled(NamedTuple):
    """What the window holds: rows a table, and filled values a workflow, kind and column."""

    tables: dict[tuple[str, str | None], int]
    fields: dict[tuple[str, str, str | None], dict[str, int]]


class Coverage(NamedTuple):
    """The smallest share of rows with a needed field (null where none is needed), and the gaps."""

    share: float | None
    missing: list[dict[str, Any]]


def shared(connection: Connection, name: str, window: dict[str, datetime]) -> pl.DataFrame:
    """The answer of a statement that serves all checks."""
    return ask(connection, statement((FOLDER / f"{name}.sql").read_text("utf-8")), dict(window))


def filled(connection: Connection, window: dict[str, datetime]) -> Filled:
    """Count what is there, once for all checks."""
    present = shared(connection, "present", window)
    fields: dict[tuple[str, str, str | None], dict[str, int]] = {}
    for table in ("steps", "runs"):
        for row in shared(connection, f"filled_{table}", window).iter_rows(named=True):
            for kind in (row["of_kind"], None):
                sums = fields.setdefault((table, row["of_workflow"], kind), {})
                for column, n in row.items():
                    if isinstance(n, int):
                        sums[column] = sums.get(column, 0) + n
    return Filled({(t, w): n for t, w, n in present.iter_rows()}, fields)


def coverage(check: Check, workflow: str, there: Filled) -> Coverage:
    """How well the fields a check needs are filled for one workflow, and what is missing."""
    shares, missing = [], []
    for need in check.needs:
        rows, lacking = _count(need, workflow, there)
        if need.field and rows:
            shares.append(1 - lacking / rows)
        if not rows or lacking > (1 - ENOUGH) * rows:
            missing.append(_gap(check, need, rows, lacking))
    return Coverage(min(shares, default=None), missing)


def unanswered(check: Check, rows: pl.DataFrame) -> str:
    """Why the rows of a check give no number: there are none, or their `unmeasured` says why."""
    if rows.is_empty():
        return f"no {check.unit} in {check.days} days."
    told = rows["unmeasured"].drop_nulls().to_list() if "unmeasured" in rows.columns else []
    return min(told, default="")


def _count(need: Need, workflow: str, there: Filled) -> tuple[int, int]:
    if need.field is None:
        own = workflow if need.by_workflow else None
        return there.tables.get((need.table, own), 0), 0
    sums = there.fields.get((need.table, workflow, need.kind), {})
    rows = sums.get("rows", 0)
    return rows, rows - sums.get(need.field, 0)


def _gap(check: Check, need: Need, rows: int, lacking: int) -> dict[str, Any]:
    of_kind = f" of kind {need.kind}" if need.kind else ""
    if need.field is None:
        whose = " for this workflow" if need.by_workflow else ""
        text = f"Not measured: needs {need.table}{whose}."
    elif rows:
        text = f"Not measured: {need.label} is missing on {lacking} of {rows} rows{of_kind}."
    else:
        text = f"Not measured: there are no {need.table}{of_kind} in {check.days} days."
    hint = check.header.get("hint", "")
    return {"field": need.label, "rows": rows, "lacking": lacking, "text": text, "hint": hint}
