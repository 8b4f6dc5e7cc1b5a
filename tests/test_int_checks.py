"""What misleads about integrations, and what the shipped statements make of it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from cases.integrations_underestimated import (
    LIMITED,
    REFUSED,
    TIMEOUT,
    answered,
    busy,
    calls,
    kinds,
    misfits,
    outage,
    pair,
    retries,
    written_twice,
)
from cases.rows import DAY, declaration
from one_check import judged
from store_builder import AS_OF, Rows, run_row, step_row

import queries

LOST = {"status": "error", "error_class": "server", "http_status": 503}


def gaps(row: dict[str, Any]) -> str:
    """Why a check has no colour."""
    return " ".join(gap["text"] for gap in json.loads(row["missing"]))


def says(check_id: str, row: dict[str, Any]) -> str:
    return queries.about(queries.checks()[check_id], row)


def rare(rows: Rows, n: int, k: int) -> Rows:
    """The same rows, and another tool that was called so often and failed so often."""
    steps = [
        step_row(rows["runs"][0], f"x{i}", i, tool="erp.rare", input_hash=f"x{i}")
        | (LOST if i < k else {})
        for i in range(n)
    ]
    return rows | {"steps": rows["steps"] + steps}


@pytest.mark.parametrize("check_id", ["INT-1", "INT-2"])
def test_a_tool_called_too_rarely_to_judge_keeps_the_check_from_green(check_id: str) -> None:
    assert judged(answered(400), check_id)[0]["state"] == "green"
    assert judged(rare(answered(400), 40, 0), check_id)[0]["state"] == "green"
    row, whys = judged(rare(answered(400), 40, 1), check_id)
    assert row["state"] == "amber"
    assert whys[0].startswith("erp.rare: server")


@pytest.mark.parametrize("check_id", ["INT-1", "INT-2"])
def test_one_bad_tool_does_not_drown_among_good_ones(check_id: str) -> None:
    row, whys = judged(rare(answered(900), 60, 6), check_id)
    assert (row["k"], row["n"], row["state"]) == (6, 60, "red")
    assert whys[0].startswith("erp.rare: ")


def test_tools_within_the_limit_are_taken_together() -> None:
    row, _ = judged(rare(answered(900), 60, 0), "INT-2")
    assert (row["n"], row["state"]) == (960, "green")


@pytest.mark.parametrize(("check_id", "k"), [("INT-1", 13), ("INT-2", 15)])
def test_an_attempt_of_unknown_input_stands_for_itself(check_id: str, k: int) -> None:
    rows = calls()
    for step in rows["steps"]:
        step["input_hash"] = None
    row, _ = judged(rows, check_id)
    failed = [step for step in rows["steps"] if step["status"] == "error"]
    assert len(failed) == 9
    assert (row["k"], row["n"]) == (len(failed) + 2 * (check_id == "INT-2"), 108)


@pytest.mark.parametrize("check_id", ["INT-1", "INT-2"])
def test_a_call_the_gateway_refused_never_reached_the_system(check_id: str) -> None:
    rows = answered(100)
    for step in rows["steps"][:10]:
        step |= REFUSED | {"status": "error", "is_executed": False}
    assert judged(rows, check_id)[0]["n"] == 90


def test_business_negatives_are_results_but_are_listed() -> None:
    rows = answered(200)
    for number, step in enumerate(rows["steps"][:28]):
        kind = ("no customer", "no order", "closed", "paid", "expired", "lost", "new")[number % 7]
        known = {"status": "error", "error_class": "business", "error_type": kind}
        step |= known | {"tool": "erp.find" if number % 2 else "crm.get_order"}
    row, whys = judged(rows, "INT-2")
    assert (row["k"], row["n"], row["state"]) == (0, 200, "green")
    listed = [why for why in whys if "not as an error" in why]
    assert len(listed) == 5
    assert listed[0].startswith("passed: ")
    assert "taken 2 times as a result, not as an error" in listed[0]


def test_attempts_on_two_levels_are_two_layers() -> None:
    rows = retries(20)
    rows["steps"][1]["depth"] = 3
    row, whys = judged(rows, "INT-3")
    assert row["state"] == "red"
    assert whys[0] == "crm.get_order: attempt 2, on another level than the one before"


def test_four_attempts_are_red_at_any_number() -> None:
    run = run_row("r0", DAY)
    steps = [step_row(run, f"s{i}", 5 * i, input_hash="h", attempt=i + 1, **LOST) for i in range(4)]
    assert judged({"runs": [run], "steps": steps}, "INT-3")[0]["state"] == "red"
    assert judged({"runs": [run], "steps": steps[:3]}, "INT-3")[0]["state"] == "insufficient"


@pytest.mark.parametrize(
    ("wait_s", "error", "columns", "why"),
    [
        (1.0, TIMEOUT, {}, "retried as it should be, 1000 ms after"),
        (1.0, {"error_class": "schema"}, {}, "retried after schema, which waiting does not mend"),
        (1.0, {"http_status": 404}, {}, "retried after 404, which waiting does not mend"),
        (1.0, {"http_status": 400}, {}, "retried after 400, which waiting does not mend"),
        (1.0, {"http_status": 409}, {}, "retried as it should be, 1000 ms after"),
        (1.0, {"http_status": 425}, {}, "retried as it should be, 1000 ms after"),
        (1.0, {"http_status": 503}, {}, "retried as it should be, 1000 ms after"),
        (1.0, {}, {}, "retried after an error of no recorded class, 1000 ms after"),
        (2.0, LIMITED, {}, "retried as it should be, 2000 ms after being told 2000"),
        (1.9, LIMITED, {}, "retried before the time asked for, 1900 ms after being told 2000"),
        (
            0.5,
            LIMITED | {"retry_after_ms": None},
            {},
            "retried at once after a rate limit, 500 ms after",
        ),
        (1.0, {"http_status": 429}, {}, "retried as it should be, 1000 ms after"),
        (
            1.0,
            TIMEOUT,
            {"side_effect": "write"},
            "a write retried without an idempotency key, 1000 ms after",
        ),
        (
            1.0,
            TIMEOUT,
            {"side_effect": "external", "idempotency_key": "case 1"},
            "retried as it should be, 1000 ms after",
        ),
    ],
)
def test_what_makes_a_retry_bad(
    wait_s: float, error: dict[str, Any], columns: dict[str, Any], why: str
) -> None:
    run = run_row("r0", DAY)
    rows = {"runs": [run], "steps": pair(run, 1, wait_s, error, **columns)}
    row, whys = judged(rows, "INT-4")
    good = why.startswith("retried as it should be")
    retried = [told for told in whys if "writes" not in told]
    assert retried[0].startswith(f"{'passed: ' if good else ''}crm.get_order: {why}")
    assert (row["k"], row["n"]) == (0 if good else 1, 1)


def test_another_key_is_no_key() -> None:
    run = run_row("r0", DAY)
    steps = pair(run, 1, 1.0, TIMEOUT, side_effect="write", idempotency_key="case 1")
    steps[1]["idempotency_key"] = "case 2"
    _, whys = judged({"runs": [run], "steps": steps}, "INT-4")
    assert whys[0].startswith("crm.get_order: a write retried under another idempotency key")


@pytest.mark.parametrize(("waits_s", "k"), [((1, 2), 0), ((1, 1), 1), ((2, 1), 1)])
def test_delays_have_to_grow(waits_s: tuple[float, float], k: int) -> None:
    run, starts = run_row("r0", DAY), [0.0, 1.0 + waits_s[0], 2.0 + sum(waits_s)]
    steps = [
        step_row(run, f"s{i}", start, attempt=i + 1, input_hash="h", side_effect="read", **LOST)
        for i, start in enumerate(starts)
    ]
    row, _ = judged({"runs": [run], "steps": steps}, "INT-4")
    assert (row["k"], row["n"]) == (k, 2)


def test_a_tool_that_may_write_is_taken_to_write() -> None:
    rows = retries(20, side_effect=None)
    assert "steps.side_effect is missing" in gaps(judged(rows, "INT-4")[0])
    for step in rows["steps"][6:]:
        step["side_effect"] = "read"
    assert judged(rows, "INT-4")[0]["k"] == 3


@pytest.mark.parametrize(
    ("columns", "state"),
    [
        ({}, "red"),
        ({"side_effect": "external", "resource_key": None}, "red"),
        ({"idempotency_key": "order 7 refund"}, "green"),
        ({"side_effect": "read"}, "green"),
        ({"in_band_error": True}, "green"),
        ({"is_executed": False}, "green"),
    ],
)
def test_the_same_write_done_twice(columns: dict[str, Any], state: str) -> None:
    assert judged(written_twice(retries(20), **columns), "INT-4")[0]["state"] == state


def test_writes_are_looked_at_even_where_nothing_was_retried() -> None:
    row, whys = judged(written_twice(answered(20) | {"steps": []}), "INT-4")
    assert (row["state"], row["value"], row["n"], row["alarms"]) == ("red", None, 0, 1)
    assert says("INT-4", row).endswith("1 of what is never allowed.")
    assert whys[0] == "crm.get_order: the same write done twice with the same input"
    row, whys = judged(written_twice(answered(20) | {"steps": []}, idempotency_key="k"), "INT-4")
    assert (row["state"], row["alarms"]) == ("insufficient", 0)
    assert whys == ["passed: crm.get_order: one of 2 writes"]


@pytest.mark.parametrize(
    ("key", "columns", "value"),
    [
        ("crm", {}, 0.6),
        ("crm.*", {}, 0.6),
        ("crm.get_order", {}, 0.6),
        ("ledger", {"system": "ledger"}, 0.6),
        ("crm.get", {}, None),
        ("c", {}, None),
    ],
)
def test_a_limit_holds_for_a_tool_its_system_or_a_wildcard(
    key: str, columns: dict[str, Any], value: float | None
) -> None:
    rows = busy(30, 56, **columns)
    rows["workflows"][0]["rate_limits"] = json.dumps({key: 500})
    row, _ = judged(rows, "INT-5")
    assert row["value"] == (pytest.approx(value) if value else None)
    if value is None:
        assert "no days of calls under a declared rate limit in 28 days" in gaps(row)


def test_a_declared_peak_stands_instead_of_the_ratio_of_volumes() -> None:
    rows = busy(30, 56)
    rows["workflows"][0]["peak_factor"] = 2.5
    assert judged(rows, "INT-5")[0]["value"] == pytest.approx(30 * 2.5 / 500)
    rows["workflows"][0]["expected_monthly_volume"] = None
    assert judged(rows, "INT-5")[0]["value"] == pytest.approx(30 * 2.5 / 500)


def test_the_volume_already_reached_is_no_relief() -> None:
    rows = busy(30, 56)
    rows["workflows"][0]["expected_monthly_volume"] = 10.0
    assert judged(rows, "INT-5")[0]["value"] == pytest.approx(30 / 500)


@pytest.mark.parametrize(
    ("columns", "gap"),
    [
        ({"rate_limits": None}, "needs rate_limits in the file of the workflow."),
        ({"expected_monthly_volume": None}, "needs expected_monthly_volume or peak_factor"),
    ],
)
def test_headroom_needs_a_limit_and_a_volume(columns: dict[str, Any], gap: str) -> None:
    rows = busy(30, 56)
    rows["workflows"][0] |= columns
    row, _ = judged(rows, "INT-5")
    assert row["state"] == "not_measured"
    assert gap in gaps(row)


def test_a_week_of_calls_is_needed_and_the_card_says_where_it_stands() -> None:
    rows = busy(20, 56)
    few = [step for step in rows["steps"] if step["started_at"] > AS_OF - timedelta(days=6)]
    row, _ = judged(rows | {"steps": few}, "INT-5")
    assert row["state"] == "insufficient"
    assert gaps(row).startswith("6 days of calls under a declared rate limit; needs 7.")
    assert says("INT-5", judged(rows, "INT-5")[0]) == (
        "INT-5 Is there rate-limit headroom at target volume? 40% of the rate limit at target"
        " volume, from 20 calls in the busiest minutes of 28 days (90%: 40–40%; limit 80%, our"
        " default)."
    )


@pytest.mark.parametrize(("k", "state"), [(5, "green"), (6, "green"), (12, "red")])
def test_calls_refused_for_their_rate(k: int, state: str) -> None:
    rows = busy(20, 56)
    for step in rows["steps"][:k]:
        step |= LIMITED | {"status": "error"}
    row, whys = judged(rows, "INT-5")
    assert (len(rows["steps"]), row["state"]) == (560, state)
    assert ("2.1 % of calls refused now" in whys[0]) == (state == "red")


def test_structured_answers_and_unclassed_failures_count() -> None:
    rows = misfits(199, 0)
    answer = step_row(rows["runs"][0], "m", kind="llm", name="extract", **LOST)
    rows["steps"].append(answer | {"error_class": "schema", "error_message": "total: missing"})
    row, whys = judged(rows, "INT-6")
    assert (row["k"], row["n"]) == (1, 200)
    assert whys[0] == "extract: structured answer, total: missing"
    rows["steps"][0] |= {"status": "error"}
    rows["steps"][1] |= LOST
    assert judged(rows, "INT-6")[0]["k"] == 2


def test_an_answer_of_a_new_shape_is_listed() -> None:
    old, new = run_row("r0", DAY - timedelta(days=9)), run_row("r1", AS_OF - timedelta(hours=1))
    shapes = [(old, "a"), (old, "a"), (new, "a"), (new, "b"), (new, "b")]
    steps = [
        step_row(run, f"s{i}", i, seq=i, output_shape_hash=shape)
        for i, (run, shape) in enumerate(shapes)
    ]
    row, whys = judged({"runs": [old, new], "steps": steps}, "INT-6")
    assert (row["k"], row["n"]) == (0, 5)
    assert whys[0] == "passed: crm.get_order: answered in a shape first seen on 2026-11-24"
    assert sum("shape" in why for why in whys) == 1


def test_scattered_failures_are_no_outage() -> None:
    rows = answered(100)
    for step in rows["steps"][::3]:
        step |= LOST
    row, _ = judged(rows, "INT-7")
    assert gaps(row) == (
        "Not measured: no runs that met an outage or a fault injection in 28 days."
    )


def test_a_run_whose_call_answered_did_not_meet_the_outage() -> None:
    rows = outage(12, 12)
    for step in rows["steps"]:
        if step["run_id"] in ("r3", "r4") and step["step_id"] == "s0":
            step |= {"status": "ok", "error_class": None}
    assert judged(rows, "INT-7")[0]["n"] == 10


@pytest.mark.parametrize(("tool", "n"), [("crm.get_order", 3), (None, 3), ("erp.post", None)])
def test_a_fault_injection_counts_as_an_outage(tool: str | None, n: int | None) -> None:
    rows = outage(3, 2)
    for run in rows["runs"]:
        run["stage"] = "replay"
    rows["runs"].append(run_row("live", DAY))
    rows["steps"] = [step | {"stage": "replay"} for step in rows["steps"]]
    rows["steps"].append(step_row(rows["runs"][-1], "s0", input_hash="h"))
    drill = {"workflow": "refunds", "kind": "fault_injection", "ran_at": DAY, "tool": tool}
    row, _ = judged(rows | {"drills": [drill]}, "INT-7")
    assert (row["n"], row["k"]) == ((n, 2) if n else (None, None))


@pytest.mark.parametrize(
    ("ending", "step", "way_out"),
    [
        ({"termination_reason": "parked"}, {}, "ended as parked"),
        ({}, {"kind": "human", "name": "ask desk"}, "handed over to a person by ask desk"),
        ({}, {"kind": "tool", "tool": "x", "handoff_to": "the desk"}, "fell back to later"),
        ({"status": "error"}, {}, "no way out was taken, the run ended as error"),
        ({}, {"kind": "llm"}, "no way out was taken, the run ended as ok"),
    ],
)
def test_ways_out_of_an_outage(ending: dict[str, Any], step: dict[str, Any], way_out: str) -> None:
    rows = outage(10, 0)
    rows["workflows"] = [declaration(fallback="the desk")]
    for run in rows["runs"]:
        run |= ending
        if step:
            rows["steps"].append(step_row(run, "s1", 2, **({"seq": 1, "name": "later"} | step)))
    _, whys = judged(rows, "INT-7")
    assert whys[0].removeprefix("passed: ") == f"crm.get_order: down, {way_out}"


def test_a_person_asked_on_the_way_is_no_hand_over() -> None:
    rows = outage(10, 0)
    for run in rows["runs"]:
        rows["steps"].append(step_row(run, "s1", 2, seq=1, kind="human", name="approve"))
        rows["steps"].append(step_row(run, "s2", 4, seq=2))
    assert judged(rows, "INT-7")[0]["k"] == 0


def test_a_fast_wrong_answer_is_not_graceful() -> None:
    rows = outage(12, 12)
    verdict = {"run_id": "r0", "target_id": "r0", "created_at": DAY, "verdict": "incorrect"}
    assert judged(rows | {"feedback": [verdict]}, "INT-7")[0]["k"] == 11


def test_numbers_and_ids_make_no_new_kind_of_error() -> None:
    rows = kinds(*[1] * 20)
    messages = ('order 4711 of "ana" is locked', "no row 9f8e7d6c5b4a in table")
    for number, step in enumerate(rows["steps"]):
        step |= {
            "http_status": None,
            "error_message": messages[number % 2].replace("47", str(number)),
        }
    row, whys = judged(rows, "INT-8")
    assert (row["k"], row["state"]) == (0, "green")
    assert whys[0].removeprefix("passed: ").startswith("crm.get_order server ")


def test_a_call_that_failed_three_times_is_one_failure() -> None:
    rows = kinds(19, 3)
    for number, step in enumerate(rows["steps"][-3:]):
        step |= {"input_hash": "same", "attempt": number + 1}
    row, _ = judged(rows, "INT-8")
    assert (row["k"], row["n"], row["value"]) == (1, 20, 0.05)


@pytest.mark.parametrize("name", ["error_class", "http_status"])
def test_a_failure_that_records_no_kind_is_of_its_own(name: str) -> None:
    rows = kinds(20, 20)
    for step in rows["steps"][:8]:
        step[name] = None
    assert judged(rows, "INT-8")[0]["k"] == 8
    for step in rows["steps"][:9]:
        step[name] = None
    row, _ = judged(rows, "INT-8")
    assert gaps(row) == (
        "Not measured: needs class and code, type or message of failed calls; 78 % have them."
    )
