"""What time and people do to a state: alarms whose data vanish, waivers, sampled runs."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import polars as pl
import pytest
from cases.integrations_underestimated import calls
from cases.no_governance import APPROVALS, gated
from cases.no_observability import outcomes, traces
from cases.rows import DAY, runs
from hypothesis import given, settings
from hypothesis import strategies as st
from store_builder import AS_OF, Rows, build, fill, run_row

import queries
from ingest.store.generations import shape

LATER = AS_OF + timedelta(days=1)


CHECKS = ("GOV-1", "INT-2", "OBS-1", "OBS-5")


def judged(rows: Rows, as_of: datetime, history: list[dict[str, Any]]) -> list[dict[str, Any]]:
    results, _ = queries.evaluate(build(rows | {"check_results": history}, as_of), as_of, CHECKS)
    return results.to_dicts()


def one(results: list[dict[str, Any]], check_id: str) -> dict[str, Any]:
    return next(row for row in results if row["check_id"] == check_id)


def later(rows: Rows, check_id: str, as_of: datetime = LATER) -> dict[str, Any]:
    """The check on other rows a day after it was evaluated on the worked calls."""
    return one(judged(rows, as_of, judged(calls(), AS_OF, [])), check_id)


def test_a_red_check_whose_data_vanish_stays_red_and_stale() -> None:
    row = later({"runs": runs(40)}, "INT-2")
    assert (row["state"], row["held_state"], row["value"]) == ("stale", "red", 0.03)
    assert json.loads(row["missing"])[0]["text"] == (
        "Still red as last measured on 2026-11-24: the data it rested on are gone."
    )
    assert queries.effect(queries.checks()["INT-2"], queries.standing(row)) == "red"


def test_it_stays_so_over_many_evaluations_and_keeps_its_day() -> None:
    history = judged(calls(), AS_OF, [])
    for day in range(1, 4):
        history += judged({"runs": runs(40)}, AS_OF + timedelta(days=day), history)
    last = one(history[::-1], "INT-2")
    assert (last["held_state"], "2026-11-24" in last["missing"]) == ("red", True)


def test_it_ends_when_the_check_is_measured_again() -> None:
    rows = calls()
    for step in rows["steps"]:
        step |= {"status": "ok", "in_band_error": False, "attempt": 1}
    assert later(rows, "INT-2")["state"] == "amber"


def test_too_few_rows_do_not_end_an_alarm() -> None:
    rows = calls()
    rows["steps"] = [step for step in rows["steps"] if step["input_hash"] == "h99"]
    assert later(rows, "INT-2")["held_state"] == "red"


def test_amber_is_not_held() -> None:
    history = judged(outcomes(), AS_OF, [])
    assert one(history, "OBS-5")["state"] == "amber"
    assert one(judged({"runs": runs(5)}, LATER, history), "OBS-5")["held_state"] is None


def test_the_same_as_of_is_judged_without_itself() -> None:
    row = later({"runs": runs(40)}, "INT-2", AS_OF)
    assert (row["state"], row["held_state"]) == ("not_measured", None)


def test_the_rows_of_a_held_alarm_are_those_it_last_had() -> None:
    connection = build(calls())
    results, evidence = queries.evaluate(connection, AS_OF, CHECKS)
    rows = {"runs": runs(40), "check_results": results.to_dicts()}
    rows["check_evidence"] = evidence.to_dicts()
    connection = build(rows, LATER)
    newer, _ = queries.evaluate(connection, LATER, CHECKS)
    rows["check_results"] += newer.to_dicts()
    shown = queries.run(
        build(rows, LATER), "check_evidence_rows", workflow="refunds", check_id="INT-2"
    )
    assert shown["why"][0].startswith("crm.get_order: reported as success with an error inside")


def waiver(days: int, **columns: Any) -> dict[str, Any]:
    said = {"owner": "ana", "reason": "known", "control": "a person reads every answer"}
    expires = (AS_OF + timedelta(days=days)).date()
    return {"workflow": "refunds", "check_id": "OBS-1", **said, "expires": expires} | columns


@pytest.mark.parametrize(
    ("days", "columns", "state", "standing"),
    [
        (10, {}, "waived", "open"),
        (0, {}, "waived", "open"),
        (40, {}, "red", "void"),
        (-1, {}, "red", "expired"),
        (10, {"owner": None}, "red", "void"),
        (10, {"control": None}, "red", "void"),
        (10, {"expires": None}, "red", "void"),
    ],
)
def test_what_a_waiver_needs(days: int, columns: dict[str, Any], state: str, standing: str) -> None:
    rows = traces() | {"waivers": [waiver(days, **columns)]}
    assert one(judged(rows, AS_OF, []), "OBS-1")["state"] == state
    assert queries.run(build(rows), "waiver_list")["standing"].to_list() == [standing]


def test_two_waivers_may_be_open_at_once() -> None:
    checks = ("OBS-1", "OBS-5", "INT-2")
    waivers = [waiver(10 + n, check_id=check) for n, check in enumerate(checks)]
    found = queries.run(build({"waivers": waivers}), "waiver_list")
    assert found["standing"].to_list() == ["open", "open", "void"]
    assert found["why"][2] == "two others are open already"


def test_a_waiver_that_ended_turns_its_check_red() -> None:
    rows = outcomes() | {"waivers": [waiver(-1, check_id="OBS-5")]}
    row = one(judged(rows, AS_OF, []), "OBS-5")
    assert row["state"] == "red"
    assert "The waiver of ana ended on 2026-11-23." in row["missing"]


def test_zero_tolerance_cannot_be_waived() -> None:
    rows = gated(APPROVALS) | {"waivers": [waiver(10, check_id="GOV-1")]}
    assert one(judged(rows, AS_OF, []), "GOV-1")["state"] == "red"


def sampled(prob: float | None, by: str | None, unknown: int) -> Rows:
    """100 successes kept with a probability, and runs of unknown outcome that were all kept."""
    kept = runs(100, sample_prob=prob, sampled_by=by)
    return {"runs": kept + [run_row(f"u{i}", DAY, outcome="unknown") for i in range(unknown)]}


def test_a_run_kept_with_a_probability_stands_for_more_than_itself() -> None:
    row = one(judged(sampled(0.1, "head", 100), AS_OF, []), "OBS-5")
    assert (row["k"], row["n"]) == (100, 200)
    assert row["value"] == pytest.approx(1000 / 1100)
    assert row["n_eff"] == pytest.approx(1100**2 / (100 * 10**2 + 100))


def test_runs_kept_because_they_failed_give_no_rate() -> None:
    row = one(judged(sampled(None, "tail_error", 10), AS_OF, []), "OBS-5")
    assert row["state"] == "not_measured"
    assert "needs unsampled runs or sample_prob. 100 of 110 runs were kept" in row["missing"]
    whole = one(judged(sampled(0.5, "tail_error", 10), AS_OF, []), "OBS-5")
    assert whole["state"] != "not_measured"


@pytest.mark.parametrize(("counted", "state"), [(100, "green"), (111, "not_measured")])
def test_more_runs_counted_elsewhere_than_traced_give_no_rate(counted: int, state: str) -> None:
    count = {"workflow": "refunds", "counted_on": DAY.date(), "source": "crm", "n": counted}
    rows = {"runs": runs(100), "external_counts": [count]}
    assert one(judged(rows, AS_OF, []), "OBS-5")["state"] == state


@settings(max_examples=30, deadline=None)
@given(st.lists(st.booleans(), min_size=30, max_size=80), st.floats(0.01, 1.0))
def test_one_probability_for_all_changes_no_share(known: list[bool], prob: float) -> None:
    words = {True: "success", False: "unknown"}
    rows = [run_row(f"r{i}", DAY, outcome=words[k]) for i, k in enumerate(known)]
    plain = one(judged({"runs": rows}, AS_OF, []), "OBS-5")
    weighed = [row | {"sample_prob": prob} for row in rows]
    even = one(judged({"runs": weighed}, AS_OF, []), "OBS-5")
    for key in ("value", "lo", "hi", "n_eff"):
        assert even[key] == pytest.approx(plain[key])
    assert even["state"] == plain["state"]


def test_a_store_of_an_older_version_gets_the_new_columns() -> None:
    connection = build({})
    connection.execute("alter table check_results drop column held_state")
    shape(connection)
    assert "held_state" in connection.sql("from check_results").columns
    fill(connection, {}, AS_OF)
    assert isinstance(connection.sql("from check_results").pl(), pl.DataFrame)
