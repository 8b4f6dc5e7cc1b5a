"""What misleads about observability, and what the shipped statements make of it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from cases.no_observability import (
    count,
    counted,
    decisions,
    failures,
    fields,
    opinion,
    replays,
    silent,
    whole,
)
from cases.rows import DAY, runs
from one_check import judged
from store_builder import AS_OF, run_row, step_row

import queries


def test_a_run_still_going_is_not_broken_and_one_silent_for_a_day_is() -> None:
    rows = whole(30)
    rows["runs"].append(run_row("new", AS_OF - timedelta(hours=1), ended_at=None, n_steps=0))
    assert judged(rows, "OBS-1")[0]["n"] == 30
    rows["runs"].append(run_row("old", DAY, ended_at=None))
    assert judged(rows, "OBS-1")[0]["k"] == 1


def test_broken_traces_are_named_by_their_service() -> None:
    rows = whole(30)
    rows["runs"][0] |= {"n_steps": 0, "attributes": '{"service.name": "crm-bridge"}'}
    assert judged(rows, "OBS-1")[1][0] == "crm-bridge: nothing arrived but the run itself"


def test_two_errors_that_cancel_over_days_do_not_cancel() -> None:
    rows = counted(84, count(100), count(100, 1))
    rows["runs"] += [run_row(f"y{i}", DAY - timedelta(days=1)) for i in range(115)]
    row, whys = judged(rows, "OBS-2")
    assert (row["state"], row["value"]) == ("red", 0.84)
    assert whys == [
        "crm on 2026-11-20: 84 traced, 100 counted",
        "crm on 2026-11-19: 115 traced, 100 counted",
    ]


@pytest.mark.parametrize(
    ("traced", "state"), [(102, "green"), (103, "amber"), (110, "amber"), (111, "red")]
)
def test_more_than_counted_is_as_wrong_as_less(traced: int, state: str) -> None:
    row, _ = judged(counted(traced, count(100)), "OBS-2")
    assert (row["state"], row["value"]) == (state, traced / 100)


def test_what_is_compared_with_an_independent_count() -> None:
    rows = counted(100, count(40, key_hash="a"), count(60, key_hash="b"))
    rows["runs"] += [run_row(f"t{i}", DAY, stage="test") for i in range(50)]
    assert judged(rows, "OBS-2")[0]["value"] == 1
    rows["runs"] += [run_row(f"k{i}", DAY, sample_prob=0.5) for i in range(10)]
    assert judged(rows, "OBS-2")[0]["value"] == pytest.approx(1.2)
    nothing = counted(5, count(0))
    assert judged(nothing, "OBS-2")[0]["state"] == "red"


def test_the_day_that_is_not_over_is_not_compared() -> None:
    today = count(100, counted_on=AS_OF.date())
    row, _ = judged(counted(5, today), "OBS-2")
    assert row["state"] == "not_measured"
    row, _ = judged(counted(5), "OBS-2")
    assert "needs external_counts for this workflow" in row["missing"]


def test_the_weakest_field_decides_not_the_mean() -> None:
    rows = fields(0)
    rows["steps"] += [
        step_row(rows["runs"][0], f"t{i}", i, has_input=i > 0, ended_at=None if i == 1 else DAY)
        for i in range(10)
    ]
    row, whys = judged(rows, "OBS-3")
    assert (row["value"], row["n"], row["state"]) == (0.9, 10, "amber")
    assert whys[0] == "tool input: not recorded"
    for step in rows["steps"]:
        step["status"] = "unset"
    assert judged(rows, "OBS-3")[1].count("tool status: not recorded") == 1


def test_the_rows_that_lack_a_field_are_shown_with_their_agent() -> None:
    results = judged(fields(11, agent="planner"), "OBS-3")
    assert results[1].count("llm output: not recorded by agent planner") == 5
    words = queries.fix(queries.checks()["OBS-3"], results[1])
    assert words.startswith("Record what is missing: llm output: not recorded by agent planner.")
    assert "opt-in in OpenTelemetry" in words


def test_a_failed_call_owes_no_answer() -> None:
    rows = fields(20)
    for step in rows["steps"][:20]:
        step |= {"status": "error", "input_tokens": None, "output_tokens": None}
        step["finish_reason"] = None
    assert judged(rows, "OBS-3")[0]["value"] == 1
    rows["steps"][0]["model"] = None
    assert judged(rows, "OBS-3")[0]["value"] == 0.99


def test_only_what_exists_is_asked_for() -> None:
    assert judged({"runs": runs(30)}, "OBS-3")[0]["state"] == "not_measured"
    simulated = fields(0)
    run = simulated["runs"][0]
    simulated["steps"].append(step_row(run, "u", kind="llm", agent="user_simulator"))
    assert judged(simulated, "OBS-3")[0]["value"] == 1
    assert judged(decisions(100, 30), "OBS-3")[0]["value"] == 0.7


def test_a_reason_that_is_always_the_same_text_is_none() -> None:
    row, whys = judged(decisions(100, 0, texts=4), "OBS-4")
    assert (row["value"], row["state"]) == (0, "red")
    assert whys[0] == "refund_choice: the reason is always the same text"
    assert judged(decisions(100, 0, texts=5), "OBS-4")[0]["state"] == "green"
    unhashed = decisions(100, 0)
    for step in unhashed["steps"]:
        step["rationale_hash"] = None
    assert judged(unhashed, "OBS-4")[0]["state"] == "red"


def test_the_map_says_where_a_decision_is_due() -> None:
    rows = decisions(40, 0, step="decide", decision=None)
    for step in rows["steps"][:10]:
        step["decision_value"] = None
    assert judged(rows, "OBS-4")[0]["n"] == 30
    edge = {"workflow": "refunds", "from_step": "decide", "to_step": "pay", "is_branch": True}
    row, whys = judged(rows | {"workflow_edges": [edge]}, "OBS-4")
    assert (row["k"], row["n"]) == (30, 40)
    assert whys[0] == "decide: choice not recorded"
    assert judged(decisions(40, 0, kind="human"), "OBS-4")[0]["state"] == "not_measured"


def test_a_run_without_an_error_is_not_a_success() -> None:
    row, whys = judged({"runs": runs(40, outcome="unknown", outcome_source="none")}, "OBS-5")
    assert (row["k"], row["state"]) == (0, "red")
    assert whys[0] == "run: outcome unknown, ok"


@pytest.mark.parametrize(
    ("columns", "located"),
    [
        ({}, 1),
        ({"error_type": "_OTHER"}, 0),
        ({"error_type": None}, 0),
        ({"error_type": None, "error_class": "unknown"}, 0),
        ({"error_type": None, "error_class": "schema"}, 1),
        ({"status": "ok"}, 0),
        ({"status": "ok", "in_band_error": True}, 1),
        ({"kind": "guardrail", "error_type": None}, 1),
        ({"agent": "user_simulator"}, 0),
    ],
)
def test_what_locates_a_failure(columns: dict[str, Any], located: int) -> None:
    assert judged(failures(1, 0, **columns), "OBS-6")[0]["k"] == located


def test_the_first_recorded_failing_step_counts_not_the_last() -> None:
    rows = failures(1, 0)
    run = rows["runs"][0]
    rows["steps"].append(step_row(run, "s2", 1, status="error", tool="erp.post"))
    row, whys = judged(rows, "OBS-6")
    assert row["k"] == 0
    assert whys == ["erp.post: first recorded failing step, of unknown kind"]
    rows["steps"][-1] |= {"critical_ms": 0.0}
    assert judged(rows, "OBS-6")[0]["k"] == 1
    around = {"kind": "agent", "status": "error", "ended_at": run["ended_at"]}
    rows["steps"].append(step_row(run, "s3", 0, **around))
    assert judged(rows, "OBS-6")[0]["k"] == 1


def test_a_person_or_an_evaluator_may_mark_the_step() -> None:
    rows = failures(0, 1)
    mark = opinion(rows["runs"][0], 1, source="evaluator", step_id="s0")
    row, whys = judged(rows | {"feedback": [mark]}, "OBS-6")
    assert (row["k"], whys[0].split(":")[0]) == (1, "passed")
    user = mark | {"source": "end_user"}
    assert judged(rows | {"feedback": [user]}, "OBS-6")[0]["k"] == 0


def test_only_tasks_repeated_four_times_outside_tests_count() -> None:
    assert judged(replays(*[3] * 10, repeats=3), "OBS-7")[0]["state"] == "not_measured"
    assert judged(replays(*[2] * 10, stage="test"), "OBS-7")[0]["state"] == "not_measured"
    assert judged(replays(*[2] * 10, stage="pilot"), "OBS-7")[0]["state"] == "red"


def test_versions_are_not_mixed() -> None:
    old, new = replays(*[4] * 10, version="1"), replays(*[0] * 10, version="2")
    for run in new["runs"]:
        run["run_id"] += " again"
    row, whys = judged({"runs": old["runs"] + new["runs"]}, "OBS-7")
    assert (row["n"], row["value"], row["state"]) == (20, 0, "green")
    assert "one run passes in 50%, two agree in 100%" in whys[0]


def test_unknown_ends_make_a_task_least_repeatable_and_many_withhold_the_number() -> None:
    rows = replays(*[4] * 10)
    rows["runs"][1]["outcome"] = "unknown"
    assert judged(rows, "OBS-7")[0]["value"] == pytest.approx(0.05)
    for run in rows["runs"][1:11]:
        run["outcome"] = "unknown"
    row, _ = judged(rows, "OBS-7")
    assert "more than a fifth of the repeated runs have no known outcome" in row["missing"]


def test_the_step_at_which_repeats_part_is_named() -> None:
    rows = replays(2)
    names = ["look up", "pay", "tell"]
    rows["steps"] = [
        step_row(run, f"s{i}", i, seq=i, name="wait" if i == 1 and n == 3 else name)
        for n, run in enumerate(rows["runs"][1:])
        for i, name in enumerate(names)
    ]
    _, whys = judged(rows, "OBS-7")
    assert whys[0].startswith("t0: 2 of 4 runs passed, they part at step 2; of all tasks one run")


def test_the_card_says_agreement_never_without_passing() -> None:
    row, _ = judged(replays(4, 4, 3, 2, *[4] * 6), "OBS-7")
    words = queries.about(queries.checks()["OBS-7"], row)
    assert "10.0 points fewer pass three times in a row than once (92.5%), on 10 tasks" in words
    assert "flakiness 0.75" in words


@pytest.mark.parametrize(
    ("change", "is_silent"),
    [
        ({}, True),
        ({"evaluator": 1}, False),
        ({"evaluator": 3}, True),
        ({"evaluator": 1, "verdict": "correct"}, True),
        ({"evaluator": 1, "verdict": None}, True),
        ({"downstream": 1}, False),
        ({"alert": 1}, False),
        ({"alert": 3}, True),
        ({"alert": 1, "was_actionable": False}, True),
        ({"vote": 1}, False),
        ({"vote": None}, True),
        ({"status": "error"}, False),
        ({"status": "unknown"}, True),
    ],
)
def test_what_makes_a_failure_silent(change: dict[str, Any], is_silent: bool) -> None:
    """A user flags the run after two hours; something happens a number of hours after its start."""
    run = run_row("r0", DAY, outcome="failure", status=change.get("status", "ok"))
    rows: dict[str, Any] = {"runs": [run], "feedback": [opinion(run, 2, source="end_user")]}
    told = {"verdict": change.get("verdict", "incorrect")}
    for source in {"evaluator", "downstream"} & set(change):
        rows["feedback"].append(opinion(run, change[source], source=source, **told))
    if "alert" in change:
        alert = {"workflow": "refunds", "fired_at": run["started_at"]}
        alert["fired_at"] += timedelta(hours=change["alert"])
        rows["alerts"] = [alert | {"was_actionable": change.get("was_actionable")}]
    if "vote" in change:
        vote = {"run_id": "r0", "source": "evaluator", "outcome": "failure"}
        given = change["vote"] and run["started_at"] + timedelta(hours=change["vote"])
        rows["outcome_votes"] = [vote | {"voted_at": given}]
    assert judged(rows, "OBS-8")[0]["k"] == is_silent


def test_few_flags_never_make_it_green() -> None:
    assert judged(silent(50, 1, reviewed=False), "OBS-8")[0]["state"] == "amber"
    assert judged(silent(40, 20, reviewed=False), "OBS-8")[0]["state"] == "red"
    assert judged(silent(50, 1), "OBS-8")[0]["state"] == "green"


def test_cards_of_recording_say_what_is_weakest() -> None:
    row, _ = judged(counted(94, count(100)), "OBS-2")
    assert queries.about(queries.checks()["OBS-2"], row).endswith(
        "94.0%: 94 traced, 100 counted on the worst day (limit 10% either way, our default)."
    )
    row, _ = judged(fields(9), "OBS-3")
    assert queries.about(queries.checks()["OBS-3"], row).endswith(
        "the weakest field is on 91.0% of 100 steps (limit 90%, our default)."
    )


def test_too_few_and_none_are_told_apart() -> None:
    row, _ = judged(failures(1, 0), "OBS-6")
    assert json.loads(row["missing"])[0]["text"].startswith("1 failed runs; needs 20.")
    row, _ = judged({"runs": runs(40)}, "OBS-6")
    assert json.loads(row["missing"])[0]["text"] == "Not measured: no failed runs in 28 days."
