"""The two gates, to limited and to production: what is met, what is not, what cannot be told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from queries.engine import Connection, run
from queries.requirements import BARS, Facts, Requirement, asked
from queries.rollup import COLOURED, Judged, judged_of, standing
from queries.rules import Check
from queries.wording import about

PROVABLE = (*COLOURED, "not_applicable")
VERDICTS = {
    "ready": "Ready",
    "ready_with_conditions": "Ready with conditions",
    "not_ready": "Not ready",
    "not_provable_yet": "Not provable yet",
}


class Gate(NamedTuple):
    """One gate of one workflow: the verdict and every requirement behind it."""

    workflow: str
    stage: str
    gate: str
    verdict: str
    requirements: list[Requirement]

    def those(self, state: str) -> list[Requirement]:
        """The requirements in one state."""
        return [found for found in self.requirements if found.state == state]

    @property
    def sentence(self) -> str:
        """The verdict in words, with how many lines are behind it."""
        counts = {
            "ready_with_conditions": ("condition", "condition"),
            "not_ready": ("blocker", "not_met"),
            "not_provable_yet": ("need", "not_provable"),
        }
        if self.verdict not in counts:
            return VERDICTS[self.verdict]
        noun, state = counts[self.verdict]
        n = len(self.those(state))
        return f"{VERDICTS[self.verdict]}: {n} {noun}{'s' if n > 1 else ''}"


def gates(connection: Connection) -> dict[str, dict[str, Gate]]:
    """Both gates of every workflow as last evaluated, by workflow and gate."""
    return {
        facts["workflow"]: {gate: judge(gate, facts, judged) for gate in BARS}
        for facts, judged in _workflows(connection)
    }


def demotions(connection: Connection) -> dict[str, list[str]]:
    """Why workflows in production should step back, by workflow; the others are left out."""
    found = {
        facts["workflow"]: step_back(facts, judged) for facts, judged in _workflows(connection)
    }
    return {workflow: reasons for workflow, reasons in found.items() if reasons}


def _workflows(connection: Connection) -> Iterator[tuple[Facts, Judged]]:
    results = run(connection, "check_matrix").partition_by("workflow", as_dict=True)
    for facts in run(connection, "gate_facts").iter_rows(named=True):
        own = results.get((facts["workflow"],))
        yield facts, judged_of(own) if own is not None else []


def judge(gate: str, facts: Facts, judged: Judged) -> Gate:
    """One gate of one workflow, from its facts and the results of its checks."""
    lines = [
        *asked(gate, facts),
        *(line for pair in judged for line in _of_check(gate, *pair, judged)),
    ]
    if not judged:
        lines.append(Requirement("checks", "not_provable", "No check has been evaluated yet."))
    return Gate(facts["workflow"], facts["stage"], gate, verdict(lines), lines)


def verdict(lines: list[Requirement]) -> str:
    """Shown bad blocks; else what is not shown; else strings attached; else ready."""
    states = {line.state for line in lines}
    if "not_met" in states:
        return "not_ready"
    if "not_provable" in states:
        return "not_provable_yet"
    return "ready_with_conditions" if "condition" in states else "ready"


def step_back(facts: Facts, judged: Judged) -> list[str]:
    """Why a workflow in production should go back to limited until one clean week; empty if not."""
    if facts["stage"] != "production":
        return []
    reasons = [
        about(check, result)
        for check, result in judged
        if standing(result) == "red" and (check.estimator == "zero" or result["alarms"])
    ]
    slo, runs, failures = facts["slo_success"], facts["runs_28d"], facts["failures_28d"]
    if slo is not None and failures > (1 - slo) * runs:
        allowed = (1 - slo) * runs
        reasons.append(
            f"Over its error budget: {failures} failures in 28 days, {allowed:.0f} allowed."
        )
    return reasons


def _of_check(
    gate: str, check: Check, result: dict[str, Any], judged: Judged
) -> Iterator[Requirement]:
    if check.gate == "no" or result["state"] == "not_applicable":
        return
    state = standing(result)
    is_due = check.gate == "pilot" or gate == "production"
    rule = check.header.get(f"{gate}_gate", "")
    if is_due:
        yield _colour(check, result, state, rule)
        if rule == "no alarm":
            yield _alarm(check, result)
        if state in ("green", "amber"):
            yield from _evidence(gate, check, result, judged)
    elif state == "red":
        yield Requirement(
            "checks", "condition", f"Will block production: {about(check, result)}", check.id
        )


def _colour(check: Check, result: dict[str, Any], state: str, rule: str) -> Requirement:
    words = about(check, result)
    if state == "green":
        return Requirement("checks", "met", words, check.id)
    if state not in PROVABLE:
        return Requirement("checks", "not_provable", words, check.id)
    if state == "waived" and rule != "green":
        return Requirement("checks", "condition", f"Waived for now: {words}", check.id)
    if state == "amber":
        needs = (
            "Must be green." if rule == "green" else "Amber: name an owner and a date (a waiver)."
        )
        words = f"{words} {needs}"
    return Requirement("checks", "not_met", words, check.id)


def _alarm(check: Check, result: dict[str, Any]) -> Requirement:
    alarms = result["alarms"]
    if alarms is None:
        words = f"{check.id}: not known whether there was any of what is never allowed."
        return Requirement("checks", "not_provable", words, check.id)
    words = f"{check.id}: {alarms:.0f} of what is never allowed."
    return Requirement("checks", "not_met" if alarms else "met", words, check.id)


def _evidence(
    gate: str, check: Check, result: dict[str, Any], judged: Judged
) -> Iterator[Requirement]:
    least = check.header.get(f"{gate}_level", BARS[gate].level)
    if check.estimator == "zero" or check.header.get(f"{gate}_gate") == "no alarm":
        least = max(least, "E2")
    level = max(result["evidence_level"], _borne_out(check, judged))
    if level < least:
        words = f"{check.id} rests on evidence {level}; needs {least}."
        yield Requirement("evidence", "not_provable", words, check.id)


def _borne_out(check: Check, judged: Judged) -> str:
    """The evidence of the check that shows the same in runs, where the header names one."""
    named = check.header.get("borne_out_by")
    levels = [r["evidence_level"] for c, r in judged if c.id == named and r["value"] is not None]
    return max(levels, default="E0")
