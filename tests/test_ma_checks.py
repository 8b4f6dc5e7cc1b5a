"""What misleads about teams of agents, and what the shipped statements make of it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from cases.multi_agent_too_early import (
    BLIND,
    READ,
    acts,
    agents,
    baseline,
    no_circles,
    repeated,
    shared,
    spent,
    stalls,
    turns,
)
from cases.rows import DAY, declaration, runs
from one_check import judged
from store_builder import AS_OF, Rows, run_row, step_row

import queries

MA = [f"MA-{number}" for number in range(1, 8)]


def gaps(row: dict[str, Any]) -> str:
    """Why a check has no colour."""
    return " ".join(gap["text"] for gap in json.loads(row["missing"]))


def team(n: int = 1, **columns: Any) -> list[dict[str, Any]]:
    return runs(n, architecture="multi", **columns)


def span(run: dict[str, Any], agent: str, seq: int, **columns: Any) -> dict[str, Any]:
    return step_row(run, f"s{seq}", seq, kind="agent", agent=agent, seq=seq, **columns)


@pytest.mark.parametrize("check_id", MA)
def test_one_agent_needs_no_check_of_teams(check_id: str) -> None:
    row, _ = judged({"runs": runs(40, architecture="single")}, check_id)
    assert row["state"] == "not_applicable"


@pytest.mark.parametrize(("n_agents", "state"), [(1, "not_applicable"), (2, "insufficient")])
def test_several_agents_are_a_team_where_nobody_says(n_agents: int, state: str) -> None:
    rows = no_circles(4)
    for run in rows["runs"]:
        run |= {"architecture": None, "n_agents": n_agents}
    assert judged(rows, "MA-2")[0]["state"] == state


def test_without_a_baseline_nothing_is_known_and_the_gate_waits() -> None:
    rows = {
        "runs": [run for run in baseline(100, 82, 100, 78, 3)["runs"] if run["stage"] == "pilot"]
    }
    row, _ = judged(rows, "MA-1")
    assert row["state"] == "not_measured"
    assert gaps(row) == (
        "Not measured: needs the same work done by one agent: replays with architecture single."
    )


@pytest.mark.parametrize(
    ("columns", "gap"),
    [
        ({"outcome": "unknown"}, "needs the outcome of four in five runs of both."),
        ({"cost_usd": None}, "needs the cost of four in five runs of both."),
    ],
)
def test_unknown_outcomes_and_costs_are_no_comparison(columns: dict[str, Any], gap: str) -> None:
    rows = baseline(100, 95, 100, 70, 1)
    for run in rows["runs"][:20]:
        run |= columns
    assert judged(rows, "MA-1")[0]["state"] == "green"
    for run in rows["runs"][:21]:
        run |= columns
    assert gaps(judged(rows, "MA-1")[0]) == f"Not measured: {gap}"


def test_the_card_says_the_gain_and_its_price() -> None:
    row, _ = judged(baseline(100, 82, 100, 78, 3), "MA-1")
    assert queries.about(queries.checks()["MA-1"], row) == (
        "MA-1 Is the team better than one agent doing it all? +4.0 points of success at 3.0 times"
        " the cost of a success, on 100 runs of each (95%: -7.1 to +15.0 points; limit: nothing"
        " gained at 3 times the cost, our default)."
    )


def test_only_tasks_that_both_did_are_compared() -> None:
    rows = baseline(120, 90, 120, 90, 1)
    for number, run in enumerate(rows["runs"]):
        is_easy = number % 120 < 60
        run["task_key"] = f"easy {number % 120}" if is_easy else f"{run['architecture']} {number}"
    row, whys = judged(rows, "MA-1")
    assert (row["n"], row["value"]) == (60, 0.0)
    for run in rows["runs"][:10]:
        run["outcome"] = "failure"
    row, whys = judged(rows, "MA-1")
    assert (row["n"], row["state"]) == (60, "red")
    assert whys[0].endswith(": failure, where one agent succeeded")


def test_a_team_that_broke_off_early_is_no_baseline() -> None:
    rows = baseline(100, 90, 100, 80, 1)
    broken = [
        run_row(f"b{i}", DAY, architecture="single", outcome="failure", cost_usd=1.0)
        for i in range(30)
    ]
    row, _ = judged({"runs": rows["runs"] + broken}, "MA-1")
    assert row["value"] == pytest.approx(90 / 130 - 0.8)


def test_replays_are_compared_with_replays() -> None:
    rows = baseline(100, 60, 100, 80, 1)
    easier = [
        run_row(f"e{i}", DAY, architecture="multi", outcome="success", cost_usd=1.0)
        for i in range(99)
    ]
    for run in rows["runs"][:100]:
        run["stage"] = "replay"
    row, _ = judged({"runs": rows["runs"] + easier}, "MA-1")
    assert (row["n"], row["value"]) == (100, pytest.approx(-0.2))


def test_the_models_of_both_are_listed() -> None:
    rows = baseline(60, 50, 60, 50, 1)
    for run in rows["runs"]:
        run["machine_ms"] = 9000.0 if run["architecture"] == "multi" else 3000.0
    rows["steps"] = [
        step_row(run, "m", kind="llm", model="large" if run["architecture"] == "multi" else "small")
        for run in rows["runs"]
    ]
    _, whys = judged(rows, "MA-1")
    told = "slowest twentieth 3.0 times as long; models large, those of one agent small"
    assert f"passed: the team: {told}" in whys


@pytest.mark.parametrize("name", [None, "unknown"])
def test_agents_without_a_name_go_in_no_circle(name: str | None) -> None:
    rows = agents()
    for step in rows["steps"]:
        step |= {"agent": name, "agent_path": "unknown > unknown", "reenters_agent": True}
    assert judged(rows, "MA-2")[0]["state"] == "not_measured"
    assert judged(rows, "MA-3")[0]["state"] == "not_measured"


def test_declared_rounds_are_no_circle() -> None:
    rows = agents() | {"workflows": [declaration(max_rounds=1)]}
    assert judged(rows, "MA-2")[0]["k"] == 0


@pytest.mark.parametrize(
    ("path", "reentries", "state"),
    [
        ("a > b > c > d > e", 0, "insufficient"),
        ("a > b > c > d > e > f", 0, "red"),
        ("a > b", 11, "red"),
    ],
)
def test_deep_or_endless_delegation_is_red_at_any_number(
    path: str, reentries: int, state: str
) -> None:
    run = team()[0]
    known = {"agent_path": path, "reenters_agent": reentries > 0}
    steps = [span(run, "z", seq, **known) for seq in range(max(1, reentries))]
    row, _ = judged(
        {"runs": [run], "steps": steps, "workflows": [declaration(max_rounds=20)]}, "MA-2"
    )
    assert (row["state"], row["k"]) == (state, 0)


@pytest.mark.parametrize(
    ("rounds", "strip", "k"), [(1, "ABABA", 1), (2, "ABABA", 0), (2, "ABABAB", 1)]
)
def test_declared_rounds_are_no_ping_pong(rounds: int, strip: str, k: int) -> None:
    rows = turns(1, 1, strip) | {"workflows": [declaration(max_rounds=rounds)]}
    assert judged(rows, "MA-3")[0]["k"] == k


def test_a_supervisor_that_calls_one_worker_again_is_no_ping_pong() -> None:
    assert judged(turns(1, 1, "SWWWW"), "MA-3")[0]["k"] == 0


def test_handoffs_on_any_step_count() -> None:
    run = team()[0]
    pairs = ["AB", "BA", "AB", "BA"]
    steps = [span(run, "A", 0), span(run, "B", 1)] + [
        step_row(
            run, f"h{i}", 10 + i, kind="other", name="transfer", seq=10 + i, agent=a, handoff_to=b
        )
        for i, (a, b) in enumerate([*pairs, ("A", "billing.refund")])
    ]
    row, whys = judged({"runs": [run], "steps": steps}, "MA-3")
    assert (row["k"], whys) == (1, ["A → B → A → B → A: 3 bounces with nothing new"])


@pytest.mark.parametrize(
    ("columns", "k"),
    [
        ({"side_effect": "write"}, 0),
        ({"side_effect": "external", "resource_key": "mine"}, 0),
        ({"side_effect": "write", "status": "error"}, 1),
        ({"side_effect": "write", "resource_key": "my note"}, 1),
        ({"side_effect": "write", "resource_key": "draft"}, 0),
        ({"side_effect": "read", "resource_key": "draft", "output_hash": "new"}, 0),
        ({"side_effect": "read", "resource_key": "draft", "output_hash": "old"}, 1),
        ({"side_effect": "read", "resource_key": "my note", "output_hash": "new"}, 1),
        ({"side_effect": "read", "output_hash": "new"}, 1),
    ],
)
def test_what_counts_as_progress_between_bounces(columns: dict[str, Any], k: int) -> None:
    rows = turns(1, 1)
    run = rows["runs"][0]
    before = {"side_effect": "read", "resource_key": "draft", "output_hash": "old"}
    rows["steps"] += [
        step_row(run, "d1", 1, seq=1, agent="A", **before),
        step_row(run, "d2", 2, seq=2, agent="B", **before),
        step_row(run, "w", 33, seq=33, agent="A", **columns),
    ]
    assert judged(rows, "MA-3")[0]["k"] == k


@pytest.mark.parametrize(
    ("reason", "k"),
    [("max_turns", 3), ("Recursion limit reached", 3), ("GraphRecursionError", 3), ("done", 2)],
)
def test_words_for_a_limit(reason: str, k: int) -> None:
    rows = stalls(1, 1)
    rows["runs"][5]["termination_reason"] = reason
    assert judged(rows, "MA-4")[0]["k"] == k


def test_a_limit_may_be_the_error_of_the_root() -> None:
    rows = stalls(0, 0)
    rows["steps"][0] |= {"status": "error", "error_type": "MaxTurnsExceeded"}
    rows["steps"][4] |= {"status": "error", "error_type": "GraphRecursionError", "depth": 2}
    assert judged(rows, "MA-4")[0]["k"] == 1


def test_waiting_for_a_person_is_no_stall() -> None:
    rows = stalls(0, 1)
    known = {"run_id": "r1", "decision": "approved", "decider_type": "human"}
    times = {
        name: rows["runs"][1]["started_at"] + timedelta(seconds=s)
        for name, s in (("requested_at", 4), ("decided_at", 899))
    }
    assert judged(rows | {"approvals": [known | times]}, "MA-4")[0]["k"] == 0


def test_a_missing_end_counts_only_where_the_run_never_finished() -> None:
    rows = stalls(0, 1)
    for step in rows["steps"][3:5]:
        step["ended_at"] = None
    assert judged(rows, "MA-4")[0]["k"] == 0
    rows["runs"][1] |= {"ended_at": None, "status": "running"}
    assert judged(rows, "MA-4")[0]["k"] == 1


def silent(started_h_ago: float, *waits: tuple[str, str]) -> Rows:
    """One run that is still open, and agents that last handed over to others."""
    run = run_row("open", AS_OF - timedelta(hours=started_h_ago), architecture="multi")
    run |= {"ended_at": None, "status": "running"}
    steps = [span(run, agent, seq, handoff_to=to) for seq, (agent, to) in enumerate(waits)]
    rows = stalls(0, 0)
    return {"runs": [*rows["runs"], run], "steps": [*rows["steps"], *steps]}


@pytest.mark.parametrize(
    ("started_h_ago", "waits", "why"),
    [
        (2, [("a", "b"), ("b", "a")], "a and b: each waits for the other"),
        (2, [("a", "b"), ("b", "c")], None),
        (30, [("a", "b"), ("b", "c")], "silent: no end and nothing for 107998 s"),
    ],
)
def test_agents_that_wait_for_each_other(
    started_h_ago: float, waits: list[tuple[str, str]], why: str | None
) -> None:
    row, whys = judged(silent(started_h_ago, *waits), "MA-4")
    assert row["k"] == (1 if why else 0)
    assert why is None or whys[0] == why


def test_a_run_that_waits_for_a_person_is_not_silent() -> None:
    rows = silent(30, ("a", "b"))
    waiting = step_row(rows["runs"][-1], "ask", 5, kind="human", seq=9) | {"ended_at": None}
    rows["steps"].append(waiting)
    assert judged(rows, "MA-4")[0]["k"] == 0


@pytest.mark.parametrize(
    ("told", "columns", "k", "n"),
    [
        (BLIND, {}, 1, 1),
        (READ, {}, 0, 1),
        (("a write", "a write"), {}, 0, 1),
        (("a write", "b write", "b read", "b write"), {}, 1, 1),
        (("a write", "b read", "b write", "a write"), {}, 1, 1),
        (BLIND, {"status": "error"}, None, None),
        (BLIND, {"in_band_error": True}, None, None),
        (BLIND, {"is_executed": False}, None, None),
    ],
)
def test_what_is_an_overwrite(
    told: tuple[str, ...], columns: dict[str, Any], k: int | None, n: int | None
) -> None:
    run = team()[0]
    row, _ = judged({"runs": [run], "steps": acts(run, "o7", *told, **columns)}, "MA-5")
    assert (row["k"], row["n"]) == (k, n)


def test_a_blind_external_write_is_red_at_any_number() -> None:
    rows = shared(1, 1)
    rows["steps"][2]["side_effect"] = "external"
    row, whys = judged(rows, "MA-5")
    assert (row["state"], row["alarms"]) == ("red", 1)
    assert whys[0].startswith("o0: b wrote over what a had written at 2026-11-20 09:00:06")


@pytest.mark.parametrize(("later_s", "k"), [(20, 1), (40, None)])
def test_runs_that_overlap_can_overwrite_each_other(later_s: float, k: int | None) -> None:
    first = run_row("r0", DAY, architecture="multi")
    second = run_row("r1", DAY + timedelta(seconds=later_s), architecture="multi")
    steps = [*acts(first, "o7", "a write"), *acts(second, "o7", "b write")]
    row, _ = judged({"runs": [first, second], "steps": steps}, "MA-5")
    assert row["k"] == (1 if k else 0)
    assert row["n"] == 1


def test_what_another_instance_read_this_one_did_not() -> None:
    first, second = (run_row(f"r{i}", DAY, architecture="multi") for i in range(2))
    steps = [*acts(first, "o7", "a write"), *acts(second, "o7", "c read", "b read", "c read")]
    steps += [step | {"step_id": "late"} for step in acts(first, "o7", *["b write"] * 4)[3:]]
    row, _ = judged({"runs": [first, second], "steps": steps}, "MA-5")
    assert (row["k"], row["n"]) == (1, 1)


def test_tools_that_append_do_not_overwrite() -> None:
    rows = shared(4, 0)
    tool = {"workflow": "refunds", "tool": "crm.get_order", "append": True}
    assert judged(rows | {"workflow_tools": [tool]}, "MA-5")[0]["state"] == "not_measured"


def test_one_writer_for_each_resource_can_be_shown() -> None:
    alone = ["a write", "b write"] * 40
    row, _ = judged(shared(0, 0, *alone), "MA-5")
    assert (row["k"], row["n"], row["state"]) == (0, 80, "green")
    assert judged(shared(0, 1, *alone), "MA-5")[0]["n"] == 1


@pytest.mark.parametrize("name", ["resource_key", "agent"])
def test_overwriting_needs_to_know_what_and_who(name: str) -> None:
    rows = shared(5, 25)
    for step in rows["steps"][::2]:
        step[name] = None
    row, _ = judged(rows, "MA-5")
    assert row["state"] == "not_measured"
    assert "needs resource_key and agent on writes" in gaps(row)


def test_roles_stand_on_the_agent_or_on_the_step() -> None:
    rows = spent(50, 38_000, 62_000)
    for step in rows["steps"]:
        step["role"] = None if step["kind"] == "agent" else step["agent"]
    assert judged(rows, "MA-6")[0]["value"] == pytest.approx(0.38)
    for step in rows["steps"]:
        step["role"] = None
    row, _ = judged(rows, "MA-6")
    assert gaps(row) == (
        "Not measured: needs the role of agents; 0 % of tokens have one."
        " Else see the cost ratio of MA-1."
    )


def test_calls_below_a_planning_span_plan() -> None:
    rows = spent(50, 10_000, 90_000)
    for step in rows["steps"]:
        if step["agent"] == "planner":
            step["role"] = "work"
            step |= {"kind": "plan"} if step["step_id"] == "a0" else {"parent_step_id": "a0"}
    assert judged(rows, "MA-6")[0]["value"] == pytest.approx(0.1)


def test_tokens_of_no_known_role_count_as_coordination() -> None:
    rows = spent(50, 15_000, 85_000)
    for step in rows["steps"]:
        if step["agent"] == "planner":
            step["role"] = None
    assert judged(rows, "MA-6")[0]["value"] == pytest.approx(0.15)


def test_a_verifier_asks_again_on_purpose() -> None:
    rows = repeated(60, 9)
    for run in rows["runs"]:
        rows["steps"].append(span(run, "b", 900, role="Verifier"))
    row, _ = judged(rows, "MA-7")
    assert (row["k"], row["n"]) == (0, 60)
    rows["steps"] = [step for step in rows["steps"] if step["run_id"] == "r3"]
    _, whys = judged(rows, "MA-7")
    assert whys[0] == "passed: crm.get_order: asked again by b, which verifies"


def test_a_retry_or_an_agent_that_asks_itself_again_is_no_repeated_work() -> None:
    rows = repeated(60, 9)
    for step in rows["steps"]:
        step["agent"] = "a"
    assert judged(rows, "MA-7")[0]["k"] == 0


def test_unknown_inputs_are_not_compared() -> None:
    rows = repeated(60, 9)
    for step in rows["steps"][:9]:
        step["input_hash"] = None
    assert judged(rows, "MA-7")[0]["k"] == 0
    for step in rows["steps"]:
        step["input_hash"] = None
    assert "steps.input_hash is missing on 60 of 60" in gaps(judged(rows, "MA-7")[0])
