"""One check on one workflow: its limits, its grade, and what time and people make of it."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import polars as pl

from queries.grading import COLOURS, ESTIMATORS, Grade, Limits
from queries.history import SILENT, Held, frozen, words
from queries.needs import Coverage, Filled, coverage, unanswered
from queries.rules import Check
from queries.sampling import Sampling

UNDATED = ("census", "count", "age", "shortfall")
PRODUCTION = ("limited", "production")
STALE_DAYS, STALE_DAYS_PILOT = 7, 14
THIN_DAYS, SOLID_COVERAGE = 7, 0.95
NOTHING = Grade(None, None, None, None, None, None, "not_measured")


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
    waivers: dict[tuple[str, str], dict[str, Any]]
    held: Held
    sampling: Sampling


class Case(NamedTuple):
    """One check on one workflow: the limits in force, what is filled, and the rows it returned."""

    check: Check
    subject: Subject
    limits: Limits
    found: Coverage
    rows: pl.DataFrame


def judge(check: Check, subject: Subject, rows: pl.DataFrame, context: Context) -> dict[str, Any]:
    """One row of check_results: the grade of a workflow, or the reason why there is none."""
    limits, kind = limits_of(check, subject)
    case = Case(check, subject, limits, coverage(check, subject.workflow, context.there), rows)
    grade, missing = _grade(case, context)
    was = context.held.get((subject.workflow, check.id)) if grade.state in SILENT else None
    if was:
        grade, missing = frozen(was), [_note("", 0, 0, words(was)), *missing]
    return {
        "as_of": context.as_of,
        "workflow": subject.workflow,
        "window": f"{check.days} d",
        "check_id": check.id,
        **asdict(grade),
        "alarms": _alarms(rows) if grade.n is not None else None,
        "held_state": "red" if was else None,
        "evidence_level": _level(case, grade),
        "coverage": case.found.share,
        "missing": json.dumps(missing, ensure_ascii=False),
        "limit_a": limits.amber,
        "limit_r": limits.red,
        "limit_kind": kind,
        "formula_version": check.version,
    }


def _alarms(rows: pl.DataFrame) -> float | None:
    """How many subjects are red at any number; null where the check knows no such thing."""
    return float(rows["alarm"].fill_null(value=False).sum()) if "alarm" in rows.columns else None


def limits_of(check: Check, subject: Subject) -> tuple[Limits, str]:
    """The limits in force and their kind: the header's, or `owner` where he declared others."""
    limits = check.limits
    if check.from_production and subject.stage in PRODUCTION:
        limits = Limits(limits.amber, limits.red, check.from_production, limits.good_is_high)
    own = subject.limits.get(check.id)
    if own is None:
        return limits, check.limit_kind
    return Limits(own[0], own[1], limits.n_min, limits.good_is_high), "owner"


def is_asked(check: Check, subject: Subject, context: Context) -> bool:
    """Whether the rows of the check decide anything about the workflow."""
    found = coverage(check, subject.workflow, context.there)
    case = Case(check, subject, check.limits, found, pl.DataFrame())
    return _without_rows(case, context) is None


Found = tuple[Grade, list[dict[str, Any]]]


def _without_rows(case: Case, context: Context) -> Found | None:
    """The grade of what is exempt or lacks what it needs, whatever rows there are."""
    exempt = _exempt(case, context.there)
    if exempt:
        return _with_state(NOTHING, "not_applicable"), [_note("", 0, 0, exempt)]
    if case.check.unmeasured:
        return NOTHING, [_note("", 0, 0, f"Not measured: {case.check.unmeasured}")]
    if case.found.missing:
        return NOTHING, case.found.missing
    if objection := context.sampling.objection(case.check, case.subject.workflow):
        return NOTHING, [_note("runs.sample_prob", 0, 0, objection)]
    return None


def _grade(case: Case, context: Context) -> Found:
    if found := _without_rows(case, context):
        return found
    if silence := unanswered(case.check, case.rows):
        return NOTHING, [_note(case.check.unit, 0, 0, f"Not measured: {silence}")]
    columns = {column.name: column.to_numpy() for column in case.rows.iter_columns()}
    grade = ESTIMATORS[case.check.estimator](columns, case.limits)
    state, note = _settled(case, grade.state, context)
    grade = _with_state(grade, state)
    return grade, [_too_few(case, grade)] if state == "insufficient" else note


def _exempt(case: Case, there: Filled) -> str:
    applies, subject = case.check.applies, case.subject
    if applies == "multi":
        is_exempt = not subject.is_multi
    else:
        rows = there.tables.get((applies or "", subject.workflow), 0)
        is_exempt = applies is not None and subject.is_declared and not rows
    return f"Not applicable: {case.check.header.get('unless', '')}" if is_exempt else ""


def _settled(case: Case, state: str, context: Context) -> tuple[str, list[dict[str, Any]]]:
    """Old data cannot show that things are well; a waiver holds until it ends, then turns red."""
    check, subject = case.check, case.subject
    kept = STALE_DAYS if subject.stage in PRODUCTION else STALE_DAYS_PILOT
    is_old = subject.newest_at and context.as_of - subject.newest_at > timedelta(days=kept)
    if is_old and state != "red" and (check.estimator not in UNDATED or "exposure" in case.rows):
        return "stale", []
    waiver = context.waivers.get((subject.workflow, check.id))
    is_zero_tolerance = check.estimator == "zero" or bool(_alarms(case.rows))
    if waiver is None or is_zero_tolerance or state not in ("red", "amber"):
        return state, []
    if waiver["standing"] == "open":
        return "waived", []
    if waiver["standing"] == "expired":
        ended = f"The waiver of {waiver['owner']} ended on {waiver['expires']}."
        return "red", [_note("", 0, 0, ended)]
    return state, []


def _with_state(grade: Grade, state: str) -> Grade:
    return Grade(**{**asdict(grade), "state": state})


def _too_few(case: Case, grade: Grade) -> dict[str, Any]:
    n, needed = int(_size(case, grade)), int(case.limits.n_min)
    text = f"{n} {case.check.header.get('exposed', case.check.unit)}; needs {needed}."
    if n:
        days = math.ceil((needed - n) * case.check.days / n)
        text += f" At the present rate about {days} more days."
    return _note(case.check.unit, n, needed - n, text)


def _size(case: Case, grade: Grade) -> float:
    """The subjects behind a grade; of items counted completely, the runs they were exposed to."""
    return (grade.n_eff if "exposure" in case.rows else grade.n) or 0


def _note(field: str, rows: int, lacking: int, text: str) -> dict[str, Any]:
    return {"field": field, "rows": rows, "lacking": lacking, "text": text, "hint": ""}


def _level(case: Case, grade: Grade) -> str:
    """E0 declared, E1 observed but thin, E2 observed and solid, E3 borne out by another record."""
    stated = case.check.header.get("level")
    if stated == "E0" or grade.n is None or case.rows.is_empty():
        return "E0"
    is_borne_out = "borne_out" not in case.rows or case.rows["borne_out"].all()
    if stated and grade.state in COLOURS and is_borne_out:
        return stated
    days = case.rows["observed_on"].n_unique()
    is_covered = case.found.share is None or case.found.share >= SOLID_COVERAGE
    is_solid = is_covered and _size(case, grade) >= 2 * case.limits.n_min and days >= THIN_DAYS
    return "E2" if is_solid else "E1"
