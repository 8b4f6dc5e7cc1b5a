"""The gates: what blocks, what is only not shown, what is asked beside the checks."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from cases.no_governance import APPROVALS, gated
from cases.rows import DAY, runs
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from store_builder import AS_OF, Rows, build, build_store, run_row

import queries
from queries.gates import judge, step_back
from queries.grading import wilson
from queries.requirements import BARS, more_runs
from queries.rollup import judged_of

GOOD: dict[str, Any] = {
    "workflow": "refunds", "stage": "pilot", "slo_success": 0.9, "owner_operations": "lee",
    "owner_engineering": "tom", "runs": 2000, "work_days": 20, "peak_days": 2, "limited_runs": 1500,
    "limited_days": 40, "runs_28d": 1000, "known_28d": 1000, "successes_28d": 960,
    "failures_28d": 40, "labels_30d": 120,
    "signoffs": json.dumps([{"gate": g, "signed_by": n} for g in BARS for n in ("lee", "eve")]),
}  # fmt: skip


@cache
def evaluated() -> pl.DataFrame:
    """The results of every check on one run."""
    return queries.evaluate(build({"runs": runs(1)}), AS_OF)[0]


def results(**states: str) -> list[tuple[queries.Check, dict[str, Any]]]:
    """Every check as green on solid evidence, but those named in another state."""
    judged = [(check, dict(row)) for check, row in judged_of(evaluated())]
    for check, row in judged:
        wanted = states.get(check.id.replace("-", "_"), "green")
        value = None if wanted in ("not_measured", "not_applicable") else 0.0
        row |= {"state": wanted, "value": value, "alarms": 0.0, "k": 0.0, "n": 100.0, "lo": 0.0}
        row |= {"hi": 0.01, "missing": "[]", "evidence_level": "E3"}
    return judged


def ruled(rule: str) -> dict[str, set[str]]:
    """The checks whose header holds a rule of a gate, by what it says."""
    found: dict[str, set[str]] = {}
    for check in queries.checks().values():
        if said := check.header.get(rule):
            found.setdefault(said, set()).add(check.id)
    return found


def test_what_the_gates_ask_of_single_checks() -> None:
    never = {"INT-4", "MA-2", "MA-5"}
    assert ruled("limited_gate") == {
        "green": {"GOV-1", "GOV-2", "GOV-4", "GOV-8"}, "no alarm": never,
    }  # fmt: skip
    assert ruled("production_gate") == {"green": {"COST-2", "COST-3", "COST-7"}, "no alarm": never}
    assert ruled("production_level") == {"E3": {"COST-2", "OBS-2", "GOV-8", "FB-1"}}


def test_as_many_checks_decide_as_the_design_says() -> None:
    found = [check.gate for check in queries.checks().values()]
    assert (len(found), found.count("pilot"), found.count("production")) == (54, 24, 5)


def texts(gate: queries.Gate, state: str) -> list[str]:
    return [line.check_id or line.text for line in gate.those(state)]


@pytest.mark.parametrize("gate", BARS)
def test_all_green_and_reviewed_is_ready(gate: str) -> None:
    judged = judge(gate, GOOD, results())
    assert (judged.verdict, judged.sentence) == ("ready", "Ready")


@pytest.mark.parametrize(
    ("gate", "states", "verdict", "lines"),
    [
        ("limited", {"GOV_1": "red"}, "not_ready", ["GOV-1"]),
        ("limited", {"GOV_1": "amber"}, "not_ready", ["GOV-1"]),
        ("limited", {"OBS_1": "amber"}, "not_ready", ["OBS-1"]),
        ("limited", {"OBS_1": "waived"}, "ready_with_conditions", ["OBS-1"]),
        ("limited", {"GOV_1": "waived"}, "not_ready", ["GOV-1"]),
        ("limited", {"OBS_1": "not_measured"}, "not_provable_yet", ["OBS-1"]),
        ("limited", {"OBS_1": "insufficient"}, "not_provable_yet", ["OBS-1"]),
        ("limited", {"OBS_1": "stale"}, "not_provable_yet", ["OBS-1"]),
        ("limited", {"OBS_1": "not_applicable"}, "ready", []),
        ("limited", {"INT_1": "red"}, "ready", []),
        ("limited", {"WF_4": "not_measured"}, "ready", []),
        ("limited", {"WF_4": "red"}, "ready_with_conditions", ["WF-4"]),
        ("production", {"WF_4": "red"}, "not_ready", ["WF-4"]),
        ("production", {"WF_4": "not_measured"}, "not_provable_yet", ["WF-4"]),
        ("production", {"OBS_1": "amber"}, "not_ready", ["OBS-1"]),
        ("production", {"OBS_1": "waived"}, "ready_with_conditions", ["OBS-1"]),
        ("production", {"COST_3": "waived"}, "not_ready", ["COST-3"]),
        ("limited", {"OBS_1": "red", "OBS_5": "not_measured"}, "not_ready", ["OBS-1"]),
    ],
)
def test_what_a_check_means_for_a_gate(
    gate: str, states: dict[str, str], verdict: str, lines: list[str]
) -> None:
    judged = judge(gate, GOOD, results(**states))
    assert judged.verdict == verdict
    state = {
        "not_ready": "not_met", "not_provable_yet": "not_provable",
        "ready_with_conditions": "condition", "ready": "condition",
    }[verdict]  # fmt: skip
    assert texts(judged, state) == lines


def test_a_red_check_whose_data_are_gone_still_blocks() -> None:
    judged = results(OBS_1="stale")
    next(row for check, row in judged if check.id == "OBS-1")["held_state"] = "red"
    assert judge("limited", GOOD, judged).verdict == "not_ready"


@pytest.mark.parametrize(
    ("alarms", "state"), [(None, "not_provable"), (0.0, "met"), (1.0, "not_met")]
)
def test_what_is_never_allowed_is_asked_for_by_itself(alarms: float | None, state: str) -> None:
    judged = results(INT_4="waived")
    next(row for check, row in judged if check.id == "INT-4")["alarms"] = alarms
    found = judge("limited", GOOD, judged).those(state)
    assert any(line.check_id == "INT-4" for line in found)


def test_zero_tolerance_needs_solid_evidence() -> None:
    judged = results()
    for check, row in judged:
        if check.id in ("GOV-1", "OBS-1", "FB-1"):
            row["evidence_level"] = "E1"
    assert texts(judge("limited", GOOD, judged), "not_provable") == ["GOV-1"]
    found = {
        line.check_id: line.text for line in judge("production", GOOD, judged).those("not_provable")
    }
    assert found == {
        "GOV-1": "GOV-1 rests on evidence E1; needs E2.",
        "OBS-1": "OBS-1 rests on evidence E1; needs E2.",
        "FB-1": "FB-1 rests on evidence E1; needs E3.",
    }


def test_a_declared_map_is_borne_out_by_the_runs_that_follow_it() -> None:
    judged = results()
    next(row for check, row in judged if check.id == "WF-1")["evidence_level"] = "E0"
    assert judge("limited", GOOD, judged).verdict == "ready"
    next(row for check, row in judged if check.id == "WF-2")["evidence_level"] = "E0"
    assert texts(judge("limited", GOOD, judged), "not_provable") == ["WF-1", "WF-2"]


@pytest.mark.parametrize(
    ("gate", "facts", "verdict", "text"),
    [
        ("limited", {"runs": 60, "runs_28d": 28}, "not_provable_yet", "60 of 100 finished runs."),
        ("limited", {"work_days": 4}, "not_provable_yet", "4 of 10 working days with runs."),
        ("limited", {"peak_days": 0}, "not_provable_yet", "0 of 1 peak days"),
        ("limited", {"slo_success": None}, "not_provable_yet", "Needs a success objective"),
        ("limited", {"successes_28d": 600}, "not_ready", "its lower end must reach 80.0%"),
        ("limited", {"known_28d": 20, "successes_28d": 20}, "not_provable_yet", "needs 30"),
        (
            "limited",
            {"known_28d": 700, "successes_28d": 690},
            "not_provable_yet",
            "unknown for 30%",
        ),
        ("limited", {"signoffs": "[]"}, "not_provable_yet", "outside the building team"),
        ("production", {"limited_days": 9}, "not_provable_yet", "9 of 28 days in limited"),
        ("production", {"labels_30d": 99}, "not_provable_yet", "99 of 100 random reviews"),
        ("production", {"owner_operations": "kim"}, "not_provable_yet", "operations owner"),
        (
            "production",
            {"limited_runs": 20},
            "not_provable_yet",
            "20 of 35 finished runs in limited",
        ),
    ],
)
def test_what_is_asked_beside_the_checks(
    gate: str, facts: dict[str, Any], verdict: str, text: str
) -> None:
    judged = judge(gate, GOOD | facts, results())
    assert judged.verdict == verdict
    wanted = "not_met" if verdict == "not_ready" else "not_provable"
    assert any(text in line.text for line in judged.those(wanted))


def test_the_building_team_cannot_review_itself() -> None:
    own = GOOD | {"signoffs": json.dumps([{"gate": "limited", "signed_by": "tom"}])}
    assert judge("limited", own, results()).verdict == "not_provable_yet"


def test_runs_still_needed_come_with_the_days_they_take() -> None:
    gate = judge("limited", GOOD | {"runs": 60, "runs_28d": 28}, results())
    line = next(line for line in gate.those("not_provable") if line.group == "exposure")
    assert (line.runs, line.days) == (40, 40)


@settings(max_examples=60, deadline=None)
@given(st.integers(30, 400), st.floats(0.5, 0.99), st.floats(0.4, 0.95))
def test_more_runs_is_the_smallest_number_that_would_do(n: int, share: float, least: float) -> None:
    more = more_runs(share, n, least)
    if more is None:
        assert share <= least or wilson(share * n, n)[0] >= least or share - least < 0.01
    else:
        assert wilson(share * (n + more), n + more)[0] >= least
        assert wilson(share * (n + more - 1), n + more - 1)[0] < least


def test_a_workflow_in_production_steps_back_for_what_is_never_allowed() -> None:
    facts = GOOD | {"stage": "production", "slo_success": 0.95}
    assert step_back(facts, results()) == []
    assert step_back(facts, results(GOV_1="red"))[0].startswith("GOV-1")
    assert step_back(facts | {"failures_28d": 51}, results()) == [
        "Over its error budget: 51 failures in 28 days, 50 allowed."
    ]
    assert step_back(GOOD, results(GOV_1="red")) == []


def stored(tmp_path: Path, rows: Rows) -> Path:
    found, evidence = queries.evaluate(build(rows), AS_OF)
    judged = {"check_results": found.to_dicts(), "check_evidence": evidence.to_dicts()}
    return build_store(tmp_path / "store", rows | judged)


def ask(store: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "queries", "scorecard", *words, "--store", str(store)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_release_pipeline_can_ask(tmp_path: Path) -> None:
    store = stored(tmp_path, gated(APPROVALS))
    done = ask(store, "--gate", "production", "--workflow", "refunds")
    assert done.returncode == 1
    assert done.stdout.startswith("refunds, production: Not ready: ")
    assert "  blocker: GOV-1 " in done.stdout
    assert "  need: 0 of 28 days in limited or production." in done.stdout
    done = ask(store, "--json", "--gate", "limited", "--workflow", "refunds")
    record = json.loads(done.stdout)["workflows"][0]
    assert (done.returncode, record["gates"]["limited"]["verdict"]) == (1, "not_ready")
    assert set(record["gates"]["limited"]) == {"verdict", "blockers", "needs", "conditions", "met"}
    assert ask(store, "--json").returncode == 0
    done = ask(store, "--gate", "production", "--workflow", "refnds")
    assert (done.returncode, done.stderr) == (2, "refnds: no such workflow. Known: refunds.\n")


def test_gate_facts_count_what_they_say() -> None:
    days = [DAY - timedelta(days=n) for n in (0, 1, 2, 3, 4, 5, 35)]
    own = [run_row(f"r{i}-{n}", day) for i, day in enumerate(days) for n in range(2 if i else 9)]
    own += [run_row("open", AS_OF - timedelta(hours=1), ended_at=None, status="running")]
    own += [run_row("test", DAY, stage="test"), run_row("bad", DAY, outcome="failure")]
    own += [run_row("lim", DAY - timedelta(days=3), stage="limited", outcome="unknown")]
    facts = queries.run(build({"runs": own}), "gate_facts").row(0, named=True)
    assert facts["runs"] == 9 + 12 + 2
    assert (facts["work_days"], facts["peak_days"]) == (6, 2)
    assert (facts["limited_runs"], facts["limited_days"]) == (1, 7)
    assert (facts["runs_28d"], facts["known_28d"]) == (21, 20)
    assert (facts["successes_28d"], facts["failures_28d"]) == (19, 1)
