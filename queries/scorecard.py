"""Runs every check and grades it. Holds no rule: limits are in headers, arithmetic in grading."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from queries.engine import Connection, ask, run
from queries.evidence import EVIDENCE, evidence
from queries.history import held
from queries.judgement import Context, Subject, is_asked, judge
from queries.needs import filled, shared
from queries.rules import Check, checks
from queries.sampling import sampling

RESULTS: dict[str, pl.DataType] = {
    "as_of": pl.Datetime("us"),
    "workflow": pl.String(),
    "window": pl.String(),
    "check_id": pl.String(),
    **dict.fromkeys(("k", "n", "n_eff", "value", "lo", "hi", "alarms"), pl.Float64()),
    **dict.fromkeys(("state", "held_state", "evidence_level"), pl.String()),
    "coverage": pl.Float64(),
    "missing": pl.String(),
    **dict.fromkeys(("limit_a", "limit_r"), pl.Float64()),
    **dict.fromkeys(("limit_kind", "formula_version"), pl.String()),
}


def ids() -> tuple[str, ...]:
    """The id of every check, for declarations that waive one or change its limits."""
    return tuple(checks())


def evaluate(
    connection: Connection, as_of: datetime, only: Collection[str] = ()
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows for check_results and check_evidence: every check on every workflow, as of a UTC time.

    `only` names the checks wanted, all where it is empty. Reads what is committed, on cursors of
    the connection. Exactly the columns of the two tables.
    """
    window = {"since": as_of - timedelta(days=28), "as_of": as_of}
    subjects = _subjects(connection, window)
    context = _context(connection, window)
    results: list[dict[str, Any]] = []
    shown = [pl.DataFrame(schema=EVIDENCE)]
    for check in [checks()[name] for name in only or checks()]:
        is_read = any(is_asked(check, subject, context) for subject in subjects)
        rows = _rows(connection, check, context) if is_read else {}
        for subject in subjects:
            own = rows.get((subject.workflow,), pl.DataFrame())
            results.append(judge(check, subject, own, context))
            if results[-1]["n"] is not None and not own.is_empty():
                shown.append(evidence(check.id, own, as_of))
    return pl.DataFrame(results, schema=RESULTS), pl.concat(shown)


def _subjects(connection: Connection, window: dict[str, datetime]) -> list[Subject]:
    return [
        Subject(**row | {"limits": json.loads(row["limits"] or "null") or {}})
        for row in shared(connection, "workflows", window).iter_rows(named=True)
    ]


def _context(connection: Connection, window: dict[str, datetime]) -> Context:
    as_of = window["as_of"]
    waivers = run(connection, "waiver_list", as_of=as_of).iter_rows(named=True)
    return Context(
        as_of,
        filled(connection, window),
        {(waiver["workflow"], waiver["check_id"]): waiver for waiver in waivers},
        held(connection, as_of),
        sampling(connection, window),
    )


def _rows(
    connection: Connection, check: Check, context: Context
) -> dict[tuple[Any, ...], pl.DataFrame]:
    given = {
        "since": context.as_of - timedelta(days=check.days),
        "as_of": context.as_of,
        "n_min": check.limits.n_min,
        "limit_a": check.limits.amber,
    }
    rows = ask(connection, check.sql, given).with_columns(pl.col("failed").fill_null(value=False))
    return context.sampling.weigh(rows).partition_by("workflow", as_dict=True)
