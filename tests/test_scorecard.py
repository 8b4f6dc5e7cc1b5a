"""Worked values of every check on the shipped SQL, states when data are missing, the roll-up."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from cases import WORKED
from cases.integrations_underestimated import calls
from cases.multi_agent_too_early import agents
from cases.no_governance import APPROVALS, approval, drills, gated, tools
from cases.no_observability import outcomes, traces
from cases.rows import DAY, declaration, declared, runs
from cases.technology_before_workflow import edges, paths
from store_builder import AS_OF, Rows, build, run_row

import queries
from ingest.schema import TABLES
from queries.rollup import effect


def result(rows: Rows, check_id: str, as_of: datetime = AS_OF) -> dict[str, Any]:
    results, _ = queries.evaluate(build(rows, as_of), as_of, [check_id])
    return results.row(by_predicate=pl.col("check_id") == check_id, named=True)


def whys(rows: Rows, check_id: str) -> list[str]:
    _, evidence = queries.evaluate(build(rows), AS_OF, [check_id])
    return evidence.filter(pl.col("check_id") == check_id)["why"].to_list()


@pytest.mark.parametrize(
    ("check_id", "rows", "as_of", "value", "interval", "state"),
    WORKED,
    ids=[f"{case[0]} {case[-1]}" for case in WORKED],
)
def test_worked_values(
    check_id: str,
    rows: Rows,
    as_of: datetime,
    value: float,
    interval: tuple[float, float] | None,
    state: str,
) -> None:
    row = result(rows, check_id, as_of)
    assert row["value"] == pytest.approx(value, abs=1e-9)
    assert row["state"] == state
    if interval:
        assert (row["lo"], row["hi"]) == pytest.approx(
            interval, abs=6e-4 if value != 0.25 else 6e-3
        )


def test_every_check_has_a_worked_value() -> None:
    assert {case[0] for case in WORKED} == set(queries.checks())


def test_evidence_names_what_failed_and_shows_what_passed() -> None:
    assert whys(gated(APPROVALS), "GOV-1") == [
        "crm.get_order: approved for another input than it ran with",
        "crm.get_order: approved only after it ran",
        *["passed: crm.get_order: approved by a person before it ran"] * 3,
    ]
    assert whys(paths("ABC", "AC"), "WF-2")[0] == "A → C: skipped B"
    assert whys(agents(), "MA-2")[0] == "a > b > c > b: entered again below itself"
    assert whys(calls(), "INT-2")[0].startswith("crm.get_order: reported as success with an error")


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        ({"decision": "rejected"}, "ran although approval was refused or expired"),
        ({"decider_type": "policy"}, "approved by no person"),
        ({"decided_at": None}, "approved only after it ran"),
        ({"run_id": "elsewhere"}, "ran without any approval"),
        ({"payload_hash": None}, "approved for another input than it ran with"),
        ({"step_id": None, "action": "refund"}, "ran without any approval"),
        ({"step_id": None, "action": "crm.get_order"}, "approved by a person before it ran"),
    ],
)
def test_what_counts_as_an_approval(columns: dict[str, Any], why: str) -> None:
    others = [approval(i, 0) for i in range(2, 7)]
    rows = gated([*others, approval(1, 0, **columns)])
    found = result(rows, "GOV-1")["k"]
    assert any(text.endswith(why) for text in whys(rows, "GOV-1"))
    assert found == (0 if why == "approved by a person before it ran" else 1)


def test_overlapping_steps_have_no_order() -> None:
    rows = paths("ABC")
    rows["steps"][1]["started_at"] = rows["steps"][0]["started_at"] + timedelta(milliseconds=500)
    rows["workflow_edges"] = edges("^A", "BC", "C$")
    assert result(rows, "WF-2")["k"] == 0


def test_entry_and_exit_follow_from_the_steps_where_none_are_written() -> None:
    rows = paths("AB", "BA")
    rows["workflow_edges"] = edges("AB")
    rows["workflow_steps"] = [
        {"workflow": "refunds", "step": step, "position": i} for i, step in enumerate("AB")
    ]
    assert result(rows, "WF-2")["k"] == 1


def test_a_run_that_broke_off_is_not_judged_on_its_last_step() -> None:
    rows = paths("AB")
    rows["runs"][0]["status"] = "error"
    assert result(rows, "WF-2")["k"] == 0


def test_production_needs_more_runs() -> None:
    rows = paths(*["ABC"] * 60)
    assert result(rows, "WF-2")["state"] == "green"
    for run in rows["runs"]:
        run["stage"] = "limited"
    assert result(rows, "WF-2")["state"] == "insufficient"


def test_no_rows_is_no_pass() -> None:
    row = result({"runs": runs(40)}, "INT-2")
    assert row["state"] == "not_measured"
    assert json.loads(row["missing"])[0] == {
        "field": "steps.tool",
        "rows": 0,
        "lacking": 0,
        "text": "Not measured: there are no steps of kind tool in 28 days.",
        "hint": "Record every tool call as a span of kind tool with its name, and its error flag.",
    }


def test_a_field_on_too_few_rows_withholds_the_colour() -> None:
    rows = agents()
    for step in rows["steps"][::3]:
        step["agent"] = None
    row = result(rows, "MA-2")
    assert (row["state"], row["value"]) == ("not_measured", None)
    assert "steps.agent is missing on 5 of 13 rows of kind agent" in row["missing"]


def test_too_few_says_how_many_more() -> None:
    row = result({"runs": runs(14)}, "OBS-5")
    text = json.loads(row["missing"])[0]["text"]
    assert text == "14 finished runs; needs 30. At the present rate about 32 more days."


def test_one_agent_is_not_applicable() -> None:
    assert result({"runs": runs(40)}, "MA-2")["state"] == "not_applicable"


def test_nothing_to_approve_is_not_applicable_only_when_declared() -> None:
    rows = gated([])
    del rows["workflow_approvals"]
    assert result(rows, "GOV-1")["state"] == "not_applicable"
    del rows["workflows"]
    assert result(rows, "GOV-1")["state"] == "not_measured"


def test_a_wildcard_list_shows_nothing() -> None:
    rows = tools()
    rows["workflow_tools"][0]["tool"] = "*"
    assert result(rows, "GOV-2")["state"] == "not_measured"


def test_never_drilled_is_red_where_others_drilled() -> None:
    rows = drills(3)
    rows["drills"][0]["stage"] = "test"
    row = result(rows, "GOV-8")
    assert (row["state"], row["value"]) == ("red", None)


def test_a_map_drawn_from_traces_waits_for_a_review() -> None:
    row = result(declared(source="discovered"), "WF-1")
    assert (row["value"], row["state"]) == (1.0, "amber")
    reviewed = declared(source="discovered", reviewed_at=DAY)
    assert result(reviewed, "WF-1")["state"] == "green"


def test_test_and_replay_runs_do_not_count() -> None:
    rows = outcomes()
    rows["runs"] += [run_row(f"t{i}", DAY, stage="test", outcome="unknown") for i in range(99)]
    assert result(rows, "OBS-5")["n"] == 200


def test_old_data_are_stale_but_red_stays_red() -> None:
    later = AS_OF + timedelta(days=12)
    assert result(outcomes(), "OBS-5", later)["state"] == "stale"
    assert result(traces(), "OBS-1", later)["state"] == "red"


def test_limits_changed_by_the_owner() -> None:
    rows = traces() | {"workflows": [declaration(limits='{"OBS-1": [0.10, 0.20]}')]}
    row = result(rows, "OBS-1")
    assert (row["state"], row["limit_a"], row["limit_kind"]) == ("green", 0.10, "owner")


def test_the_tables_get_exactly_their_columns() -> None:
    results, evidence = queries.evaluate(build(calls()), AS_OF)
    assert dict(results.schema) == TABLES["check_results"].polars()
    assert dict(evidence.schema) == TABLES["check_evidence"].polars()
    empty, nothing = queries.evaluate(build({}), AS_OF)
    assert (empty.height, nothing.height) == (0, 0)
    assert dict(empty.schema) == dict(results.schema)


def test_the_order_of_rows_changes_nothing() -> None:
    rows = calls() | agents()
    turned = {name: list(reversed(table)) for name, table in rows.items()}
    first, second = (queries.evaluate(build(r), AS_OF) for r in (rows, turned))
    assert first[0].equals(second[0])
    assert first[1].equals(second[1])


def test_one_workflow_does_not_change_another() -> None:
    other = [run_row(f"o{i}", DAY, workflow="other", outcome="unknown") for i in range(40)]
    alone, _ = queries.evaluate(build(calls()), AS_OF)
    rows = calls()
    both, _ = queries.evaluate(build(rows | {"runs": rows["runs"] + other}), AS_OF)
    assert both.filter(pl.col("workflow") == "refunds").equals(alone)


def rolled(**states: str) -> dict[str, Any]:
    named = {key.replace("_", "-"): state for key, state in states.items()}
    results, _ = queries.evaluate(build(calls()), AS_OF, named)
    frame = results.with_columns(state=pl.col("check_id").replace(named))
    pattern = queries.checks()[next(iter(states)).replace("_", "-")].pattern
    return queries.roll_up(frame).row(by_predicate=pl.col("pattern") == pattern, named=True)


@pytest.mark.parametrize(
    ("states", "pattern"),
    [
        ({"INT_2": "green", "INT_1": "red"}, "amber"),
        ({"INT_2": "green", "INT_1": "not_measured"}, "green"),
        ({"GOV_1": "green", "GOV_2": "not_measured", "GOV_8": "green"}, "unproven"),
        ({"GOV_1": "red", "GOV_2": "insufficient"}, "red"),
        ({"GOV_1": "green", "GOV_2": "amber"}, "amber"),
        ({"GOV_1": "stale", "GOV_2": "amber"}, "unproven"),
        ({"GOV_1": "not_applicable", "GOV_2": "green"}, "green"),
        ({"MA_2": "not_applicable", "MA_4": "not_applicable"}, "not_applicable"),
        ({"OBS_1": "waived", "OBS_5": "green"}, "amber"),
    ],
)
def test_roll_up(states: dict[str, str], pattern: str) -> None:
    assert rolled(**states)["state"] == pattern


def test_a_card_says_the_number_the_interval_and_the_limit() -> None:
    results, evidence = queries.evaluate(build(calls()), AS_OF)
    card = queries.roll_up(results).filter(pattern="integrations_underestimated").row(0, named=True)
    assert (card["state"], card["worst_check"]) == ("red", "INT-2")
    assert (card["measured"], card["total"]) == (4, 8)
    assert card["sentence"] == (
        "INT-2 How often does a call fail for good? 3.0% of 100 tool calls"
        " (95%: 1.0–8.5%; limit 2.0%, our default)."
    )
    rows = evidence.filter(check_id="INT-2")["why"].to_list()
    assert "{evidence}" not in queries.fix(queries.checks()["INT-2"], rows)


def test_advice_alone_never_makes_a_pattern_red() -> None:
    for check in queries.checks().values():
        if not check.is_gate:
            assert effect(check, "red") == "amber"


def test_the_demo_shows_exactly_what_was_planted(demo_files: Path, demo_store: Path) -> None:
    planted = json.loads((demo_files / "planted.txt").read_text("utf-8"))
    path = queries.current(demo_store)
    assert path is not None
    connection = queries.connect(path)
    cells = queries.matrix(connection).filter(state="red").select("pattern", "workflow")
    assert set(cells.rows()) == {(pattern, workflow) for pattern, workflow, _ in planted["red"]}
    results = queries.run(connection, "check_matrix").filter(state="red")
    red = set(results.select("workflow", "check_id").rows())
    assert red >= {(workflow, check) for _, workflow, ids in planted["red"] for check in ids}
    shown = queries.run(
        connection, "check_evidence_rows", workflow="refund-desk", check_id="GOV-1"
    ).filter(pl.col("weight") > 0)
    found = set(shown.select("run_id", "step_id").rows())
    assert found == {(run, step) for run, step, _ in planted["unapproved"]}


def test_one_workflow_of_the_demo_is_ready_and_those_with_faults_are_not(demo_store: Path) -> None:
    path = queries.current(demo_store)
    assert path is not None
    found = queries.gates(queries.connect(path))
    verdicts = {name: gates["production"].verdict for name, gates in found.items()}
    assert verdicts == {
        "claims-intake": "ready_with_conditions",
        "invoice-matching": "not_provable_yet",
        "support-triage": "not_provable_yet",
        "refund-desk": "not_ready",
        "order-repair": "not_ready",
        "kyc-screening": "not_ready",
        "contract-review": "not_ready",
        "research-briefs": "not_ready",
    }
    assert {name for name, gates in found.items() if gates["limited"].verdict == "ready"} == {
        "claims-intake"
    }
    (condition,) = found["claims-intake"]["production"].those("condition")
    assert condition.check_id == "WF-4"
