"""Technology before workflow: what misleads its checks, and what they do about it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from cases.rows import declaration, declared, runs
from cases.technology_before_workflow import branches, edges, landings, paths, troubled
from one_check import judged
from store_builder import AS_OF, Rows, step_row

import queries


def pointed(criteria: str | None, **branch: Any) -> Rows:
    told = {"decision_points": {"A": {"criteria": criteria} if criteria else {}}}
    rows = declared(declaration=json.dumps(told))
    return rows | {"workflow_edges": edges("AB", "AC", is_branch=True, **branch)}


@pytest.mark.parametrize(
    ("rows", "filled"),
    [
        (pointed("policy v7"), 12),
        (pointed(None, condition="amount > 5"), 12),
        (pointed(None), 11),
        (pointed("policy v7") | {"workflow_edges": []}, 11),
        (declared() | {"workflow_edges": edges("AB", is_branch=True, condition="x")}, 11),
    ],
)
def test_a_decision_needs_criteria_and_two_branches(rows: Rows, filled: float) -> None:
    assert judged(rows, "WF-1")[0]["k"] == filled


def test_the_skipped_step_is_named() -> None:
    _, whys = judged(paths("ABC", "AC"), "WF-2")
    assert whys[0] == "A → C: skipped B"
    _, whys = judged(paths("ABC", "CAB"), "WF-2")
    assert whys[0] == "^ → C: not a declared transition"


def test_the_commonest_transition_comes_first() -> None:
    _, whys = judged(paths("CAB", "AC", "AC"), "WF-2")
    assert whys[:3] == ["A → C: skipped B"] * 2 + ["^ → C: not a declared transition"]


def test_a_run_without_a_step_of_the_map_does_not_follow_it() -> None:
    rows = paths("ABC", "")
    rows["steps"].append(step_row(rows["runs"][1], "x"))
    result, whys = judged(rows, "WF-2")
    assert (result["k"], result["n"], whys[0]) == (1, 2, "^ → $: not a declared transition")


def test_steps_without_a_time_follow_each_other_as_recorded() -> None:
    rows = paths("ABC", "ACB")
    for step in rows["steps"]:
        step["started_at"] = step["ended_at"] = None
    result, _ = judged(rows, "WF-2")
    assert (result["k"], result["n"]) == (1, 2)


def test_a_map_that_allows_everything_says_so() -> None:
    rows = paths("ABC")
    steps = "ABCDEFGH"
    rows["workflow_edges"] = edges("^A", "C$", *(a + b for a in steps for b in steps if a != b))
    _, whys = judged(rows, "WF-2")
    assert whys == [
        "passed: every transition is declared; runs took 4 of 58 declared ones,"
        " so the map allows far more than runs do"
    ]


@pytest.mark.parametrize(
    ("constraint", "sequence", "why"),
    [
        ("before(B, C)", "AC", "C: without B before it"),
        ("before(B, C)", "ABC", None),
        ("before(C, C)", "AC", "C: without C before it"),
        ("never_after(B, X)", "ABX", "X: after B"),
        ("never_after(X, B)", "ABX", None),
        ("at_most(crm.get_order, 2)", "ABC", "crm.get_order: more than 2 times"),
        ("at_most(crm, 3)", "ABC", None),
        ("responds(A, X)", "ABC", "A: not followed by X"),
        ("responds(A, C)", "ABC", None),
        ("responds(error:crm, H)", "ABC", None),
    ],
)
def test_declared_constraints(constraint: str, sequence: str, why: str | None) -> None:
    rows = paths(sequence)
    pairs = (a + b for a in "^ABCXH" for b in "ABCXH$")
    rows["workflow_edges"] = edges(*pairs)
    rows["workflows"] = [declaration(constraints=json.dumps([constraint]))]
    result, whys = judged(rows, "WF-2")
    assert result["k"] == (why is not None)
    assert why is None or whys[0] == why


def test_a_failure_that_nothing_responds_to_breaks_a_constraint() -> None:
    rows = paths("ABC", "ABH")
    for step in rows["steps"]:
        step["in_band_error"] = step["step"] == "B"
    rows["workflows"] = [declaration(constraints='["responds(error:crm.get_order, H)"]')]
    result, whys = judged(rows, "WF-2")
    assert (result["k"], whys[0]) == (1, "error:crm.get_order: not followed by H")


def test_transitions_off_the_map_with_what_they_cost() -> None:
    rows = paths("ABC", "AC", "AC")
    rows["runs"][1] |= {"outcome": "failure", "cost_usd": 0.5}
    rows["runs"][2]["cost_usd"] = 0.7
    rows["steps"].append(step_row(rows["runs"][0], "x", 50))
    _, whys = judged(rows, "WF-3")
    assert whys[0] == "A → C: skipped B, 2 in all, 1 of 2 runs failed, 0.6 US dollars a run"
    assert whys[-1].endswith(
        "1 of 8 steps of agents, tools, people and plans are on no step of the map"
    )


def test_runs_clump_the_transitions_off_the_map() -> None:
    result, _ = judged(paths(*["ABC"] * 40, "ABC" + "XA" * 10), "WF-3")
    assert result["n_eff"] < result["n"] / 2


def test_a_branch_that_is_rare_by_declaration() -> None:
    rows = branches(*["ABC"] * 20, *["ABX"] * 20)
    for edge in rows["workflow_edges"]:
        edge["expected_rate"] = 0.01 if edge["to_step"] in ("H", "$") else None
    assert judged(rows, "WF-4")[0]["value"] == 1.0
    for edge in rows["workflow_edges"]:
        edge["expected_rate"] = 0.5 if edge["to_step"] in ("H", "$") else None
    result, whys = judged(rows, "WF-4")
    assert (result["value"], whys[0]) == (0.75, "B → H: never seen")


def test_an_exception_path_is_seen_when_its_failure_went_there() -> None:
    rows = troubled(*["path"] * 2, *["died"] * 28)
    rows["workflow_edges"] = edges("^A", "A$")
    result, whys = judged(rows, "WF-4")
    assert (result["value"], result["state"]) == (0.0, "red")
    assert whys == ["crm:timeout → handover: seen twice, test it with a failure of crm:timeout"]


def test_too_few_runs_say_nothing_of_branches() -> None:
    result, _ = judged(branches(*["ABC"] * 29), "WF-4")
    assert result["state"] == "insufficient"
    assert "29 finished runs; needs 30." in result["missing"]


def test_a_map_without_branches_has_none_to_exercise() -> None:
    rows = paths(*["ABC"] * 40) | {"workflows": [declaration()]}
    assert judged(rows, "WF-4")[0]["state"] == "not_applicable"


@pytest.mark.parametrize(
    ("trigger", "side_effect", "why"),
    [
        ("crm:timeout", "write", None),
        ("crm.get_order:timeout", "write", None),
        ("crm:*", "read", None),
        ("crm:*", "write", "only a path for all errors, and the tool may write"),
        ("crm:*", None, "only a path for all errors, and the tool may write"),
        ("crm:auth", "read", "no path declared"),
        ("billing:*", "read", "no path declared"),
    ],
)
def test_which_path_a_failure_may_take(
    trigger: str, side_effect: str | None, why: str | None
) -> None:
    rows = troubled("path", side_effect=side_effect)
    rows["workflow_paths"][0]["trigger"] = trigger
    result, whys = judged(rows, "WF-5")
    assert result["k"] == (why is not None)
    assert whys[0] == (
        f"crm.get_order:timeout: {why}"
        if why
        else "passed: crm.get_order:timeout: went to handover"
    )


def test_a_path_that_was_not_taken() -> None:
    _, whys = judged(troubled("died"), "WF-5")
    assert whys == ["crm.get_order:timeout: the path to handover was not taken"]


def test_a_corrected_call_makes_good_a_failed_one() -> None:
    rows = troubled("retry")
    rows["steps"][1] |= {"input_hash": "corrected", "attempt": 1}
    result, whys = judged(rows, "WF-5")
    assert (result["k"], whys[0]) == (0, "passed: crm.get_order: recovered by another attempt")


@pytest.mark.parametrize("columns", [{"error_class": "business"}, {"is_executed": False}])
def test_business_negatives_and_refused_calls_are_no_exceptions(columns: dict[str, Any]) -> None:
    result, _ = judged(troubled("died", **columns), "WF-5")
    assert result["state"] == "not_measured"


@pytest.mark.parametrize(
    "columns",
    [
        {"status": "error"},
        {"in_band_error": True},
        {"has_output": False},
        {"is_executed": False},
        {"side_effect": "read"},
        {"side_effect": None},
        {"tool": "billing.quote"},
    ],
)
def test_what_confirms_no_success(columns: dict[str, Any]) -> None:
    rows = landings(1, 1, 1)
    rows["workflow_tools"] = [{"workflow": "refunds", "tool": "billing.refund"}]
    assert judged(rows, "WF-6")[0]["k"] == 0
    rows["steps"][0] |= columns
    result, whys = judged(rows, "WF-6")
    assert (result["k"], whys) == (1, ["claimed success: no confirmed write to a declared output"])


def test_an_output_that_is_no_tool_is_met_by_its_system() -> None:
    rows = landings(1, 1, 1)
    rows["workflows"][0]["outputs"] = '["billing.ledger"]'
    assert judged(rows, "WF-6")[0]["k"] == 0
    rows["workflows"][0]["outputs"] = '["erp.ledger"]'
    assert judged(rows, "WF-6")[0]["k"] == 1


def test_a_downstream_record_confirms() -> None:
    rows = landings(1, 0, 1)
    vote = {"run_id": "r0", "source": "downstream", "outcome": "success"}
    assert judged(rows | {"outcome_votes": [vote]}, "WF-6")[0]["k"] == 0
    assert judged(rows | {"outcome_votes": [vote | {"outcome": "failure"}]}, "WF-6")[0]["k"] == 1


def test_answers_only() -> None:
    rows = landings(2, 0, 2, output_sink="user_reply")
    rows["workflows"][0]["outputs"] = '["user_reply"]'
    rows["runs"][1]["ended_at"] = None
    result, _ = judged(rows, "WF-6", AS_OF + timedelta(days=1))
    assert (result["k"], result["n"]) == (1, 2)


@pytest.mark.parametrize(
    ("inputs", "stage", "state"),
    [(29, "pilot", "amber"), (30, "pilot", "green"), (29, "limited", "green")],
)
def test_a_pilot_on_the_same_few_inputs_is_not_green(inputs: int, stage: str, state: str) -> None:
    rows = landings(60, 60, inputs, stage=stage)
    rows["workflows"][0]["stage"] = stage
    result, whys = judged(rows, "WF-6")
    assert result["state"] == state
    assert f"{inputs} of 60 runs with an input of their own, 60 from demo" in whys[0]


def test_no_declared_output_is_not_measured() -> None:
    rows = landings(60, 60, 60)
    rows["workflows"][0]["outputs"] = None
    assert judged(rows, "WF-6")[0]["state"] == "not_measured"


def test_variants_of_what_nobody_mapped() -> None:
    rows = {"runs": runs(2)}
    names = (("look up", "look up", "answer"), ("answer",))
    rows["steps"] = [
        step_row(run, f"s{i}", i, name=name)
        for run, own in zip(rows["runs"], names, strict=True)
        for i, name in enumerate(own)
    ]
    rows["steps"].append(step_row(rows["runs"][1], "s9", 9, name="think", kind="llm"))
    _, whys = judged(rows, "WF-7")
    assert [why.partition(":")[0] for why in whys] == ["answer", "look up → answer"]


def test_a_step_beside_the_map_is_a_path_of_its_own() -> None:
    rows = paths("AB", "AB")
    rows["steps"].append(step_row(rows["runs"][1], "x", 9, name="export"))
    _, whys = judged(rows, "WF-7")
    assert [why.partition(":")[0] for why in whys] == ["A → B → export", "A → B"]


def test_paths_of_which_nothing_is_on_the_map() -> None:
    rows = paths("AB")
    for step in rows["steps"]:
        step["step"] = None
    result, _ = judged(rows, "WF-7")
    assert (result["state"], "no step of any run is on the map" in result["missing"]) == (
        "not_measured",
        True,
    )


def test_a_card_says_how_likely_a_new_path_is() -> None:
    check = queries.checks()["WF-7"]
    result, _ = judged(paths(*["ABC"] * 60, *["ABX"] * 3, "AC"), "WF-7")
    assert queries.about(check, result) == (
        "WF-7 Is this one workflow, or many, and are new paths still appearing? 1.6% chance that"
        " the next is of a new kind; kinds seen once: 1 in 64 finished runs"
        " (95%: 0.0–4.6%; limit 15%, our default)."
    )
