"""What to record next, since when a check is in its state, and what is drawn and read beside it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import polars as pl
import pytest
from cases.rows import DAY, runs
from random_rows import random_rows
from store_builder import AS_OF, Rows, build, run_row

import queries
from queries.instrumentation import FIELDS, instrumentation

RESULT = dict.fromkeys(("workflow", "check_id", "state", "held_state", "missing"), pl.String())
Gaps = list[dict[str, Any]]


def gap(field: str, lacking: int = 0, text: str = "Not measured: x.") -> dict[str, Any]:
    return {"field": field, "rows": 10, "lacking": lacking, "text": text, "hint": ""}


def results(*rows: tuple[str, str, str, Gaps]) -> pl.DataFrame:
    told = [(w, c, state, None, json.dumps(gaps)) for w, c, state, gaps in rows]
    return pl.DataFrame(told, schema=RESULT, orient="row")


def fields(*rows: tuple[str, str, str, Gaps]) -> list[dict[str, Any]]:
    return instrumentation(results(*rows)).to_dicts()


def test_the_field_that_unlocks_most_gate_checks_comes_first() -> None:
    told = fields(
        ("a", "INT-1", "not_measured", [gap("steps.tool", 5)]),
        ("a", "INT-3", "not_measured", [gap("steps.tool", 5)]),
        ("a", "INT-6", "not_measured", [gap("steps.tool", 5)]),
        ("a", "OBS-1", "not_measured", [gap("runs.ended_at", 3)]),
        ("a", "WF-4", "not_measured", [gap("runs.ended_at", 3)]),
    )
    assert [(f["field"], f["gate_checks"], f["checks"]) for f in told] == [
        ("runs.ended_at", 2, 2), ("steps.tool", 0, 3),
    ]  # fmt: skip
    assert told[0]["check_ids"] == ["WF-4", "OBS-1"]
    assert told[1]["source"] in {queries.checks()[c].header["hint"] for c in told[1]["check_ids"]}


def test_rows_of_a_workflow_count_once_and_workflows_add_up() -> None:
    told = fields(
        ("a", "INT-1", "not_measured", [gap("steps.tool", 5)]),
        ("a", "INT-2", "not_measured", [gap("steps.tool", 7)]),
        ("b", "INT-2", "not_measured", [gap("steps.tool", 2)]),
        ("c", "INT-2", "not_measured", [gap("steps.tool", 0)]),
    )
    assert told[0]["rows_lacking"] == 9 and told[0]["workflows"] == ["a", "b", "c"]
    assert fields(("a", "GOV-1", "not_measured", [gap("approvals")]))[0]["rows_lacking"] is None


def test_a_check_that_waits_for_two_fields_is_unlocked_by_neither_alone() -> None:
    told = fields(("a", "MA-5", "not_measured", [gap("steps.agent"), gap("steps.resource_key")]))
    assert [(f["checks"], f["alone"]) for f in told] == [(1, 0), (1, 0)]


def test_too_few_rows_and_coloured_checks_wait_for_no_field() -> None:
    told = fields(
        ("a", "INT-2", "insufficient", [gap("tool calls", 8, "12 tool calls; needs 50.")]),
        ("a", "INT-1", "red", [gap("steps.tool", 1)]),
        ("a", "INT-3", "not_applicable", [gap("", text="Not applicable: one agent.")]),
    )
    assert told == []


def test_what_is_no_column_is_told_as_the_check_tells_it() -> None:
    unit = queries.checks()["FB-7"].unit
    told = fields(
        ("a", "FB-7", "not_measured", [gap(unit, text=f"Not measured: no {unit} in 30 days.")])
    )
    assert told[0]["field"] == f"no {unit} in 30 days"


def test_a_held_alarm_asks_for_the_field_it_lost() -> None:
    row = ("a", "INT-2", "stale", "red", json.dumps([gap(""), gap("steps.tool", 4)]))
    told = instrumentation(pl.DataFrame([row], schema=RESULT, orient="row"))
    assert told["field"].to_list() == ["steps.tool"] and told["alone"].to_list() == [1]


def test_nothing_is_missing_of_nothing() -> None:
    assert instrumentation(results()).schema == pl.Schema(FIELDS)


def test_it_reads_what_an_evaluation_writes() -> None:
    evaluated, _ = queries.evaluate(build({"runs": runs(40)}), AS_OF)
    told = instrumentation(evaluated)
    silent = evaluated.filter(pl.col("state") == "not_measured")["check_id"]
    assert set(told["check_ids"].explode()) <= set(silent)
    assert "approvals" in told["field"].to_list()
    assert told["gate_checks"].to_list() == sorted(told["gate_checks"], reverse=True)


def history(*states: str) -> pl.DataFrame:
    at = [AS_OF - timedelta(weeks=len(states) - 1 - i) for i in range(len(states))]
    return pl.DataFrame({"as_of": at, "state": list(states)}).sample(fraction=1, shuffle=True)


@pytest.mark.parametrize(
    ("states", "before", "weeks"),
    [
        (["red"], None, 0),
        (["red", "red", "red"], None, 2),
        (["green", "amber", "red", "red", "red"], "amber", 2),
        (["red", "green"], "red", 0),
    ],
)
def test_since_when(states: list[str], before: str | None, weeks: int) -> None:
    found = queries.streak(history(*states))
    assert found == (states[-1], AS_OF - timedelta(weeks=weeks), before, weeks)


def test_no_evaluation_is_no_streak() -> None:
    assert queries.streak(history().cast({"as_of": pl.Datetime("us")})) is None


def test_what_is_read_beside_a_check_exists_and_pairs_are_as_designed() -> None:
    known = {*queries.checks(), "success"}
    pairs = {(c.id, other) for c in queries.checks().values() for other in c.beside}
    assert {other for _, other in pairs} <= known
    asked = {
        ("WF-2", "WF-4"), ("INT-2", "INT-3"), ("GOV-6", "GOV-7"), ("OBS-5", "success"),
        ("OBS-8", "FB-1"), ("COST-5", "success"), ("FB-2", "FB-1"), ("MA-1", "MA-6"),
    }  # fmt: skip
    assert asked <= pairs


def test_every_number_can_be_told_and_drawn() -> None:
    evaluated, _ = queries.evaluate(build(random_rows(0), AS_OF), AS_OF)
    for row in evaluated.iter_rows(named=True):
        check = queries.checks()[row["check_id"]]
        spoken = queries.told(check, row)
        assert (spoken is None) == (row["value"] is None)
        assert queries.axis(check).percent in (True, False)


def test_the_scale_follows_the_estimator() -> None:
    checks = queries.checks()
    assert queries.axis(checks["GOV-8"]) == (False, True, False)
    assert queries.axis(checks["COST-2"]) == (True, True, True)
    assert queries.axis(checks["MA-1"]).has_limits is False


def ask(rows: Rows, name: str, **params: Any) -> list[tuple[Any, ...]]:
    window = {"since": DAY - timedelta(days=1), "until": DAY + timedelta(days=2)}
    return queries.run(build(rows), name, **window, **params).rows()


def test_changes_of_a_window_oldest_first() -> None:
    def change(workflow: str, at: datetime, version: str) -> dict[str, Any]:
        return {"workflow": workflow, "changed_at": at, "kind": "model", "version_to": version}

    rows = [
        change("a", DAY, "2"), change("b", DAY, "9"), change("a", DAY - timedelta(hours=1), "1"),
        change("a", DAY + timedelta(days=2), "3"),
    ]  # fmt: skip
    told = ask({"changes": rows, "runs": runs(1)}, "change_list", workflow=("a",))
    assert [row[3] for row in told] == ["1", "2"]


def test_outcomes_by_source_leave_tests_and_unfinished_runs_out() -> None:
    def run(name: str, **columns: Any) -> dict[str, Any]:
        return run_row(name, DAY, **{"workflow": "a", **columns})

    rows = [
        run("1", outcome_source="label"), run("2", outcome_source="label", outcome="failure"),
        run("3", outcome_source="none", outcome="unknown"), run("4", stage="test"),
        run("5", ended_at=None, status="running", started_at=DAY + timedelta(days=1, hours=9)),
        run("6", workflow="b"),
    ]  # fmt: skip
    told = ask({"runs": rows}, "outcome_sources", workflow=("a",))
    assert told == [("a", "label", 2, 1), ("a", "none", 1, 0)]
