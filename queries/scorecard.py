"""Runs every check and grades it. Holds no rule: limits are in headers, arithmetic in grading."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import polars as pl

from queries.engine import Connection, ask
from queries.evidence import EVIDENCE, evidence
from queries.grading import COLOURS, ESTIMATORS, Grade, Limits
from queries.needs import Coverage, Filled, coverage, filled, shared
from queries.rules import Check, checks

DATED = ("share", "zero", "survival", "projection")
PRODUCTION = ("limited", "production")
STALE_DAYS, STALE_DAYS_PILOT = 7, 14
THIN_DAYS, SOLID_COVERAGE = 7, 0.95
NOTHING = Grade(None, None, None, None, None, None, "not_measured")

RESULTS: dict[str, pl.DataType] = {
    "as_of": pl.Datetime("us"),
    "workflow": pl.String(),
    "window": pl.String(),
    "check_id": pl.String(),
    **dict.fromkeys(("k", "n", "n_eff", "value", "lo", "hi"), pl.Float64()),
    **dict.fromkeys(("state", "evidence_level"), pl.String()),
    "coverage": pl.Float64(),
    "missing": pl.String(),
    **dict.fromkeys(("limit_a", "limit_r"), pl.Float64()),
    **dict.fromkeys(("limit_kind", "formula_version"), pl.String()),
}


class Subject(NamedTuple):
    """One workflow as the checks see it."""

    workflow: str
    stage: str
    is_declared: bool
    is_multi: bool
    newest_at: datetime | None
    limits: dict[str, list[float]]


class Context(NamedTuple):
    """What one evaluation knows before it asks the checks."""

    as_of: datetime
    there: Filled
    waived: set[tuple[str, str]]


class Case(NamedTuple):
    """One check on one workflow: the limits in force, what is filled, and the rows it returned."""

    check: Check
    subject: Subject
    limits: Limits
    found: Coverage
    rows: pl.DataFrame


def evaluate(connection: Connection, as_of: datetime) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows for check_results and check_evidence: every check on every workflow, as of a UTC time.

    Reads what is committed, on cursors of the connection. Exactly the columns of the two tables.
    """
    window = {"since": as_of - timedelta(days=28), "as_of": as_of}
    subjects = [
        Subject(**row | {"limits": json.loads(row["limits"] or "null") or {}})
        for row in shared(connection, "workflows", window).iter_rows(named=True)
    ]
    waived = set(shared(connection, "waived", window).iter_rows())
    context = Context(as_of, filled(connection, window), waived)
    results: list[dict[str, Any]] = []
    shown = [pl.DataFrame(schema=EVIDENCE)]
    for check in checks().values():
        rows = _rows(connection, check, as_of)
        for subject in subjects:
            own = rows.get((subject.workflow,), pl.DataFrame())
            results.append(judge(check, subject, own, context))
            if results[-1]["n"] is not None:
                shown.append(evidence(check.id, own, as_of))
    return pl.DataFrame(results, schema=RESULTS), pl.concat(shown)


def _rows(
    connection: Connection, check: Check, as_of: datetime
) -> dict[tuple[Any, ...], pl.DataFrame]:
    given = {
        "since": as_of - timedelta(days=check.days),
        "as_of": as_of,
        "n_min": check.limits.n_min,
        "limit_a": check.limits.amber,
    }
    rows = ask(connection, check.sql, given).with_columns(pl.col("failed").fill_null(value=False))
    return rows.partition_by("workflow", as_dict=True)


def judge(check: Check, subject: Subject, rows: pl.DataFrame, context: Context) -> dict[str, Any]:
    """One row of check_results: the grade of a workflow, or the reason why there is none."""
    limits, kind = limits_of(check, subject)
    case = Case(check, subject, limits, coverage(check, subject.workflow, context.there), rows)
    grade, missing = _grade(case, context)
    return {
        "as_of": context.as_of,
        "workflow": subject.workflow,
        "window": f"{check.days} d",
        "check_id": check.id,
        **asdict(grade),
        "evidence_level": _level(case, grade),
        "coverage": case.found.share,
        "missing": json.dumps(missing, ensure_ascii=False),
        "limit_a": limits.amber,
        "limit_r": limits.red,
        "limit_kind": kind,
        "formula_version": check.version,
    }


def limits_of(check: Check, subject: Subject) -> tuple[Limits, str]:
    """The limits in force and their kind: the header's, or `owner` where he declared others."""
    limits = check.limits
    if check.from_production and subject.stage in PRODUCTION:
        limits = Limits(limits.amber, limits.red, check.from_production, limits.good_is_high)
    own = subject.limits.get(check.id)
    if own is None:
        return limits, check.limit_kind
    return Limits(own[0], own[1], limits.n_min, limits.good_is_high), "owner"


def _grade(case: Case, context: Context) -> tuple[Grade, list[dict[str, Any]]]:
    exempt = _exempt(case, context.there)
    if exempt:
        return _with_state(NOTHING, "not_applicable"), [_note("", 0, 0, exempt)]
    if case.check.unmeasured:
        return NOTHING, [_note("", 0, 0, f"Not measured: {case.check.unmeasured}")]
    if case.found.missing:
        return NOTHING, case.found.missing
    if case.rows.is_empty():
        unit, days = case.check.unit, case.check.days
        return NOTHING, [_note(unit, 0, 0, f"Not measured: no {unit} in {days} days.")]
    columns = {column.name: column.to_numpy() for column in case.rows.iter_columns()}
    grade = ESTIMATORS[case.check.estimator](columns, case.limits)
    grade = _with_state(grade, _settled(case, grade.state, context))
    return grade, [_too_few(case, grade)] if grade.state == "insufficient" else []


def _exempt(case: Case, there: Filled) -> str:
    applies, subject = case.check.applies, case.subject
    if applies == "multi":
        is_exempt = not subject.is_multi
    else:
        rows = there.tables.get((applies or "", subject.workflow), 0)
        is_exempt = applies is not None and subject.is_declared and not rows
    return f"Not applicable: {case.check.header.get('unless', '')}" if is_exempt else ""


def _settled(case: Case, state: str, context: Context) -> str:
    """Old data cannot show that things are well; a waiver never covers zero tolerance."""
    check, subject = case.check, case.subject
    kept = STALE_DAYS if subject.stage in PRODUCTION else STALE_DAYS_PILOT
    is_old = subject.newest_at and context.as_of - subject.newest_at > timedelta(days=kept)
    if is_old and state != "red" and check.estimator in DATED:
        return "stale"
    is_waived = (subject.workflow, check.id) in context.waived and check.estimator != "zero"
    return "waived" if is_waived and state in ("red", "amber") else state


def _with_state(grade: Grade, state: str) -> Grade:
    return Grade(**{**asdict(grade), "state": state})


def _too_few(case: Case, grade: Grade) -> dict[str, Any]:
    n, needed = int(grade.n or 0), int(case.limits.n_min)
    text = f"{n} {case.check.unit}; needs {needed}."
    if n:
        days = math.ceil((needed - n) * case.check.days / n)
        text += f" At the present rate about {days} more days."
    return _note(case.check.unit, n, needed - n, text)


def _note(field: str, rows: int, lacking: int, text: str) -> dict[str, Any]:
    return {"field": field, "rows": rows, "lacking": lacking, "text": text, "hint": ""}


def _level(case: Case, grade: Grade) -> str:
    """E0 declared, E1 observed but thin, E2 observed and solid, E3 borne out by another record."""
    stated = case.check.header.get("level")
    if stated == "E0" or grade.n is None:
        return "E0"
    if stated and grade.state in COLOURS:
        return stated
    days = case.rows["observed_on"].n_unique()
    is_covered = case.found.share is None or case.found.share >= SOLID_COVERAGE
    is_solid = is_covered and grade.n >= 2 * case.limits.n_min and days >= THIN_DAYS
    return "E2" if is_solid else "E1"
