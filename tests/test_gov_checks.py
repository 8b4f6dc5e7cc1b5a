"""No governance: what misleads its checks, and what they do about it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from cases.no_governance import (
    IN_TIME,
    approval,
    asked,
    decided,
    drills,
    gated,
    grants,
    kept,
    tools,
    writes,
)
from cases.rows import DAY, declaration
from one_check import judged
from store_builder import AS_OF, run_row, step_row

import queries


def test_a_gated_action_through_another_tool() -> None:
    rows = gated([approval(9, 0)], 1)
    post = {"tool": "http_post", "side_effect": "external", "is_gated": False}
    rows["steps"][0] |= post | {"resource_key": "crm.get_order:17"}
    _, whys = judged(rows, "GOV-1")
    assert whys == ["http_post: ran without any approval"]
    rows["steps"][0]["resource_key"] = "crm.other:17"
    assert judged(rows, "GOV-1")[0]["state"] == "not_measured"


def test_a_call_below_the_gate_needs_no_approval() -> None:
    rows = gated([approval(9, 0)], 1)
    rows["steps"][0] |= {"is_gated": False, "side_effect": "external"}
    rows["steps"][0]["resource_key"] = "crm.get_order:17"
    assert judged(rows, "GOV-1")[0]["state"] == "not_measured"


def test_calls_that_do_not_say_whether_they_needed_approval() -> None:
    rows = gated([approval(9, 0)], 4)
    for step in rows["steps"]:
        step["is_gated"] = None
    result, _ = judged(rows, "GOV-1")
    assert result["state"] == "not_measured"
    assert (
        "4 of 4 calls do not say in their input whether they needed approval" in result["missing"]
    )
    rows["steps"][0]["is_gated"] = True
    result, _ = judged(rows, "GOV-1")
    assert (result["state"], result["k"], result["n"]) == ("red", 1, 1)


def test_a_wildcard_is_no_list() -> None:
    for check_id, rows in (("GOV-2", tools()), ("GOV-3", grants(12))):
        rows["workflow_tools"][0]["tool"] = "*"
        result, whys = judged(rows, check_id)
        assert (result["state"], whys) == ("not_measured", [])
        assert "Not measured: the allow-list is a wildcard." in result["missing"]


@pytest.mark.parametrize(
    ("grant", "step", "why"),
    [
        ({"scope": "read"}, {"scope": "write"}, "used in a scope or stage that is not on the list"),
        ({"scope": "read"}, {"scope": "read"}, None),
        ({}, {"scope": "write"}, None),
        ({"stage": "production"}, {}, "used in a scope or stage that is not on the list"),
        ({"stage": "pilot"}, {}, None),
        ({"tool": "crm_get_order"}, {}, "not on the list of allowed tools"),
    ],
)
def test_scope_and_stage_are_on_the_list_too(
    grant: dict[str, Any], step: dict[str, Any], why: str | None
) -> None:
    rows = tools(0, 0)
    rows["workflow_tools"][0] |= grant
    rows["steps"] = [row | step for row in rows["steps"]]
    result, whys = judged(rows, "GOV-2")
    assert result["k"] == (200 if why else 0)
    assert why is None or whys[0] == f"crm.get_order: {why}"


def test_scopes_that_no_step_records() -> None:
    rows = tools(0, 0)
    rows["workflow_tools"][0]["scope"] = "read"
    result, _ = judged(rows, "GOV-2")
    assert result["state"] == "not_measured"
    assert "200 of 200 tool steps record no tool, or no scope" in result["missing"]


def test_one_nameless_tool_leaves_the_question_open() -> None:
    rows = tools(0, 0)
    rows["steps"][0]["tool"] = None
    assert judged(rows, "GOV-2")[0]["state"] == "not_measured"
    rows["steps"][1]["tool"] = "http_post"
    assert judged(rows, "GOV-2")[0]["state"] == "red"


@pytest.mark.parametrize(("blocked", "state"), [(2, "green"), (3, "amber")])
def test_blocked_attempts_keep_it_from_green(blocked: int, state: str) -> None:
    result, whys = judged(tools(blocked, blocked), "GOV-2")
    assert (result["state"], result["k"]) == (state, 0)
    assert whys[0].endswith(f"; {blocked} of 200 attempts were outside the list and blocked")


def test_who_broke_the_list() -> None:
    rows = tools(1, 0)
    rows["steps"][-1] |= {"agent": "planner", "principal": "svc"}
    _, whys = judged(rows, "GOV-2")
    assert whys[0] == "http_post: not on the list of allowed tools, by agent planner as svc"


def test_unused_tools_that_write_come_first() -> None:
    _, whys = judged(grants(7), "GOV-3")
    assert whys[:2] == [f"tool{i}: never used in 30 days, side effect write" for i in (10, 11)]


def test_a_tool_for_emergencies_needs_a_rule_instead() -> None:
    rows = grants(11)
    rows["workflow_tools"][-1]["break_glass"] = True
    _, whys = judged(rows, "GOV-3")
    assert whys[0] == "tool11: for emergencies, but needs no approval, side effect write"
    rows["workflow_approvals"] = [{"workflow": "refunds", "action": "tool11"}]
    assert judged(rows, "GOV-3")[0]["k"] == 0


@pytest.mark.parametrize(
    ("columns", "lacking"),
    [
        ({"principal": None}, "principal"),
        ({"has_input": False}, "input"),
        ({"has_output": False, "status": "unset"}, "output or status"),
        ({"has_output": False}, None),
        ({"started_at": None}, "time"),
        ({"version": None}, "agent version"),
        ({"authority": None}, "authority"),
        ({"principal": None, "authority": None}, "principal, authority"),
        ({"side_effect": "read", "principal": None}, ""),
        ({"is_executed": False, "principal": None}, ""),
    ],
)
def test_what_it_takes_to_reconstruct(columns: dict[str, Any], lacking: str | None) -> None:
    rows = writes(2, 2)
    rows["steps"][0] |= columns
    result, whys = judged(rows, "GOV-4")
    failed = f"crm.get_order: lacks {lacking}"
    assert (result["n"], whys[0] == failed) == (1 if lacking == "" else 2, bool(lacking))


@pytest.mark.parametrize(
    ("tables", "is_gated", "complete"),
    [
        ({"workflow_tools": [{"workflow": "refunds", "tool": "crm.*"}]}, False, 1),
        ({"workflow_tools": [{"workflow": "refunds", "tool": "crm.*"}]}, True, 0),
        ({"workflow_tools": [{"workflow": "refunds", "tool": "crm.*"}]}, None, 0),
        ({"workflow_tools": [{"workflow": "refunds", "tool": "*"}]}, False, 0),
        ({"approvals": [{"run_id": "r0", "step_id": "s0", "decision": "approved"}]}, True, 1),
        ({"approvals": [{"run_id": "r0", "step_id": "s0", "decision": "rejected"}]}, True, 0),
        (
            {"approvals": [{"run_id": "r0", "action": "crm.get_order", "decision": "edited"}]},
            True,
            1,
        ),
    ],
)
def test_who_may_say_that_an_action_is_allowed(
    tables: dict[str, Any], is_gated: bool | None, complete: int
) -> None:
    rows = writes(1, 1) | tables
    rows["steps"][0] |= {"authority": None, "is_gated": is_gated}
    assert judged(rows, "GOV-4")[0]["k"] == complete


@pytest.mark.parametrize(
    ("agents", "state"), [(("a", "b"), "amber"), (("a",), "green"), ((None,), "amber")]
)
def test_one_credential_for_several_agents(agents: tuple[str | None, ...], state: str) -> None:
    rows = writes(100, 100)
    rows["runs"][0]["n_agents"] = 2
    for i, step in enumerate(rows["steps"]):
        step["agent"] = agents[i % len(agents)]
    result, whys = judged(rows, "GOV-4")
    assert (result["value"], result["state"]) == (1.0, state)
    assert whys[0].endswith("svc acts for several agents") == (state == "amber")


@pytest.mark.parametrize(
    ("oldest", "stage", "since_days", "retention_days", "short"),
    [
        (120, "production", 200, None, 63),
        (120, "production", 100, None, 0),
        (200, "production", 500, 400, 200),
        (200, "production", 500, 90, 0),
        (100, "production", None, None, 83),
        (100, "limited", None, None, 83),
        (10, "pilot", None, 400, 0),
    ],
)
def test_how_long_logs_must_be_kept(
    oldest: int, stage: str, since_days: int | None, retention_days: float | None, short: float
) -> None:
    rows = kept(oldest, since_days)
    rows["workflows"][0] |= {"stage": stage, "retention_days": retention_days}
    assert judged(rows, "GOV-5")[0]["value"] == short


def test_metadata_without_bodies_cannot_be_fetched() -> None:
    result, whys = judged(kept(200, 200, opened=0), "GOV-5")
    assert (result["k"], result["n"]) == (0, 20)
    assert whys[0] == "a run of the oldest month: inputs or outputs are gone"


def test_bodies_that_were_never_recorded_are_not_gone() -> None:
    rows = kept(200, 200, opened=0)
    for step in rows["steps"]:
        step["has_input"] = step["has_output"] = False
    assert judged(rows, "GOV-5")[0]["state"] == "green"


def test_a_run_without_its_steps_does_not_open() -> None:
    rows = kept(200, 200, n=2)
    rows["steps"].pop()
    result, whys = judged(rows, "GOV-5")
    assert (result["state"], whys[0]) == ("red", "a run of the oldest month: steps are gone")


def test_what_was_deleted_on_purpose_leaves_a_tombstone() -> None:
    rows = kept(200, 200, n=2)
    gone = rows["steps"].pop()
    rows["tombstones"] = [{"run_id": gone["run_id"], "reason": "asked for"}]
    assert judged(rows, "GOV-5")[0]["state"] == "green"


def test_a_time_of_loading_is_no_age() -> None:
    rows = kept(200, 200)
    for run in rows["runs"]:
        run["time_source"] = "load"
    assert judged(rows, "GOV-5")[0]["state"] == "not_measured"


@pytest.mark.parametrize(
    ("seeded", "state"),
    [("m" * 9, "green"), ("m" * 3 + "c" * 7, "amber"), ("mm" + "c" * 8, "green")],
)
def test_planted_requests_outrank_speed(seeded: str, state: str) -> None:
    result, whys = judged(decided([60] * 40, seeded), "GOV-6")
    assert (result["value"], result["n"], result["state"]) == (0.0, 40, state)
    assert whys[0].endswith(f"{seeded.count('c')} of {len(seeded)} planted requests caught")


def test_a_high_share_of_approvals_is_no_fault() -> None:
    rows = decided([60] * 40)
    rows["approvals"][0]["decision"] = "rejected"
    _, whys = judged(rows, "GOV-6")
    assert "39 of 40 approved" in whys[0]


@pytest.mark.parametrize(
    ("columns", "min_read_s", "failed"),
    [
        ({"payload_chars": 1000}, None, 1),
        ({"payload_chars": 100}, None, 0),
        ({"payload_chars": 1000}, 5, 0),
        ({"decided_at": None}, 5, 1),
    ],
)
def test_how_long_reading_takes(
    columns: dict[str, Any], min_read_s: float | None, failed: int
) -> None:
    rows = decided([30], min_read_s=min_read_s)
    rows["approvals"][0] |= columns
    assert judged(rows, "GOV-6")[0]["k"] == failed


@pytest.mark.parametrize("columns", [{"decider_type": "policy"}, {"decider_type": None}])
def test_only_people_stamp(columns: dict[str, Any]) -> None:
    rows = decided([2])
    rows["approvals"][0] |= columns
    assert judged(rows, "GOV-6")[0]["state"] == "not_measured"


def test_approvals_of_an_unknown_size() -> None:
    rows = decided([30] * 40, min_read_s=None)
    for row in rows["approvals"][:9]:
        row["payload_chars"] = None
    result, _ = judged(rows, "GOV-6")
    assert "payload_chars is missing on 9 of 40 approvals" in result["missing"]


def test_fast_approvals_by_decider_and_hour() -> None:
    rows = decided([2])
    rows["approvals"][0]["decider_hash"] = "abcdef0123"
    _, whys = judged(rows, "GOV-6")
    assert whys == ["decider abcdef01 at 09h: approved refund faster than it can be read"]


def test_requests_by_how_they_ended() -> None:
    _, whys = judged(asked([*IN_TIME, 5], expired=[30], pending=[9, 1]), "GOV-7")
    assert whys[:3] == [
        "refund: expired undecided",
        "refund: still waiting after 9.0 h of 4.0",
        "refund: decided after 5.0 h of 4.0",
    ]
    assert whys[3] == "passed: refund: decided in time; half are decided within 1.0 h"


def test_the_median_wait_counts_those_still_waiting() -> None:
    _, whys = judged(asked([1, 2, 2, 3.5], pending=[3, 3.9]), "GOV-7")
    assert whys[0] == "passed: refund: decided in time; half are decided within 2.0 h"
    _, whys = judged(asked([1], pending=[3, 3, 3]), "GOV-7")
    assert whys[0].endswith("half are decided within no time seen yet")


def test_a_policy_does_not_keep_up_for_people() -> None:
    rows = asked([1])
    rows["approvals"][0]["decider_type"] = "policy"
    assert judged(rows, "GOV-7")[0]["state"] == "not_measured"


def test_without_an_agreed_time_nobody_is_late() -> None:
    rows = asked([1])
    rows["workflow_approvals"][0]["sla_h"] = None
    assert "no action declares sla_h" in judged(rows, "GOV-7")[0]["missing"]


@pytest.mark.parametrize("stage", ["test", "production", None])
def test_a_drill_counts_only_on_the_stage_the_workflow_is_in(stage: str | None) -> None:
    rows = drills(3)
    rows["drills"][0]["stage"] = stage
    result, whys = judged(rows, "GOV-8")
    assert (result["state"], result["value"]) == ("red", None)
    assert whys[0] == "stop drill: never passed on stage pilot"


@pytest.mark.parametrize(
    ("ends_after_min", "level"), [((3,), "E3"), ((3, 30), "E1"), ((), "E1"), ((3, None), "E1")]
)
def test_traces_bear_a_stop_out(ends_after_min: tuple[int | None, ...], level: str) -> None:
    start = AS_OF - timedelta(days=3)
    rows = drills(30, ended_at=start + timedelta(minutes=10))
    rows["runs"] += [
        run_row(f"d{i}", start - timedelta(minutes=5))
        | {"ended_at": minutes and start + timedelta(minutes=minutes)}
        for i, minutes in enumerate(ends_after_min)
    ]
    result, whys = judged(rows, "GOV-8")
    assert (result["state"], result["evidence_level"]) == ("green", level)
    assert any(why.endswith("and runs ended within it") for why in whys) == (level == "E3")


def test_one_declaration_may_ask_for_drills_before_any_run() -> None:
    rows = drills(3)
    rows["workflows"] = [declaration(workflow="later")]
    result, _ = judged(rows, "GOV-8", workflow="later")
    assert result["state"] == "red"


def test_an_approval_is_told_from_the_run_it_belongs_to() -> None:
    rows = decided([2])
    rows["runs"].append(run_row("t0", DAY, stage="test"))
    rows["approvals"][0]["run_id"] = "t0"
    rows["steps"] = [step_row(rows["runs"][0], "s0")]
    assert judged(rows, "GOV-6")[0]["state"] == "not_measured"


def test_a_card_says_how_many_days_are_lacking() -> None:
    check = queries.checks()["GOV-5"]
    result, _ = judged(kept(120, 200), "GOV-5")
    assert queries.about(check, result) == (
        "GOV-5 Are the logs kept long enough, and can they be fetched? 63 days short, 20 of 20"
        " oldest runs opened (no day may lack, and 90% must open, from a source)."
    )
