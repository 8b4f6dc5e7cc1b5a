"""Cost checks on the shipped SQL: what misleads, what is unknown, and what the card then says."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import polars as pl
import pytest
from cases.no_cost_model import (
    EARLY,
    END,
    burning,
    invoice,
    prices,
    spend,
    successes,
    tail,
    target,
    waste,
)
from cases.rows import runs
from store_builder import AS_OF, Rows, build, run_row, step_row

import queries


def judged(rows: Rows, check_id: str, as_of: datetime = AS_OF) -> dict[str, Any]:
    """The result of refunds, with its evidence and the sentence of its card."""
    results, evidence = queries.evaluate(build(rows, as_of), as_of, [check_id])
    mine = (pl.col("check_id") == check_id) & (pl.col("workflow") == "refunds")
    row = results.row(by_predicate=mine, named=True)
    whys = evidence.filter(mine)["why"].to_list()
    return row | {"whys": whys, "says": queries.about(queries.checks()[check_id], row)}


def gaps(rows: Rows, check_id: str, as_of: datetime = AS_OF) -> str:
    """Why a check has no colour."""
    row = judged(rows, check_id, as_of)
    assert (row["state"], row["value"]) == ("not_measured", None)
    return " ".join(gap["text"] for gap in json.loads(row["missing"]))


@pytest.mark.parametrize(
    ("columns", "n"),
    [
        ({"repeats_usage": "tokens"}, 0),
        ({"status": "error", "error_class": "rate_limit"}, 0),
        ({"status": "error", "error_class": "timeout"}, 20),
        ({"kind": "tool", "tool": "never.billed"}, 0),
        ({"kind": "tool", "tool": "search"}, 20),
    ],
)
def test_what_is_billable(columns: dict[str, Any], n: int) -> None:
    rows = prices(20)
    for step in rows["steps"][:20]:
        step |= columns
    billed = {"kind": "tool", "tool": "search", "cost_usd": 0.01, "cost_source": "reported"}
    rows["steps"].append(step_row(rows["runs"][0], "billed", **billed))
    row = judged(rows, "COST-1")
    assert (row["n"], row["n"] - row["k"]) == (481 + n, n)


def test_a_price_from_no_known_list_is_no_price() -> None:
    rows = prices(0)
    for step in rows["steps"][:50]:
        step["price_version"] = None
    row = judged(rows, "COST-1")
    assert row["value"] == pytest.approx(0.9)
    assert row["whys"][0] == "m: priced by an unknown price list"


def test_a_shared_key_is_compared_as_a_whole() -> None:
    rows = invoice(6000, 10_000)
    other = run_row("other", datetime.fromisoformat("2026-10-05T12:00"), workflow="claims")
    model = {"kind": "llm", "provider": "openai", "model": "m", "cost_source": "reported"}
    rows["runs"].append(other)
    rows["steps"].append(step_row(other, "s", **model, cost_usd=3800))
    assert judged(rows, "COST-2")["value"] == pytest.approx(-0.02)
    rows["costs"][0]["workflow"] = "refunds"
    assert judged(rows, "COST-2")["value"] == pytest.approx(-0.4)


def test_below_the_invoice_is_untraced_use() -> None:
    row = judged(invoice(9100, 10_000), "COST-2")
    assert row["says"] == (
        "COST-2 Does our estimate match the invoice? $9,100.00 traced, 9.0% below the invoice over"
        " 31 days: untraced use or prices too low (limits 5% and 15% either way, our default)."
    )
    assert row["whys"] == [
        "openai m: traced $9100.00, invoiced $10000.00, untraced use or prices too low"
    ]
    assert row["evidence_level"] == "E3"
    assert "20.0% above the invoice" in judged(invoice(12_000, 10_000), "COST-2")["says"]


def test_models_that_make_up_for_each_other_are_shown_apart() -> None:
    rows = invoice(9100, 9100)
    rows["costs"][0]["model"] = "m-other"
    row = judged(rows, "COST-2")
    assert (row["value"], row["state"]) == (0, "green")
    assert row["whys"] == [
        "openai m-other: traced $0.00, invoiced $9100.00, never traced",
        "openai m: traced $9100.00, invoiced $0.00, not on the invoice",
    ]


@pytest.mark.parametrize(
    ("is_final", "ends", "is_open"),
    [
        (None, "2026-11-01", False),
        (None, "2026-11-20", True),
        (True, "2026-11-20", False),
        (False, "2026-11-01", True),
    ],
)
def test_an_open_period_reconciles_nothing(is_final: bool | None, ends: str, is_open: bool) -> None:
    period = {"period_end": datetime.fromisoformat(ends), "is_final": is_final}
    rows = invoice(9100, 10_000, **period)
    if not is_open:
        assert judged(rows, "COST-2")["value"] == pytest.approx(-0.09)
        return
    assert gaps(rows, "COST-2") == (
        "Not measured: traces estimate $9100.00. Not reconciled: needs one closed provider invoice"
        " or usage export."
    )


def test_credits_and_tax_explain_no_gap() -> None:
    rows = invoice(10_000, 10_000)
    rows["costs"].append(rows["costs"][0] | {"category": "credit", "cost_usd": -4000})
    rows["costs"].append(rows["costs"][0] | {"category": "tax", "cost_usd": 1900})
    assert judged(rows, "COST-2")["value"] == 0


def test_a_provider_without_an_invoice_withholds_the_colour() -> None:
    rows = invoice(9100, 10_000)
    for step in rows["steps"][:5]:
        step["provider"] = "anthropic"
    assert gaps(rows, "COST-2") == (
        "Not measured: closed invoices cover only 50 % of the traced spend."
    )


def test_an_invoice_in_an_unknown_currency_is_not_zero() -> None:
    rows = invoice(9100, 10_000)
    rows["costs"].append(rows["costs"][0] | {"model": "n", "currency": "EUR", "cost_usd": None})
    assert "a currency without a rate" in gaps(rows, "COST-2")


def restarted(factor: float, n: int = 4) -> Rows:
    """Four weeks of runs at ten dollars; after two a new prompt moves it."""
    rows = spend(daily=0, monthly=3000)
    days = [END - timedelta(days=28 - i) + timedelta(hours=9) for i in range(28)]
    spent = [
        run_row(f"d{i} {j}", day, cost_usd=10 * (factor if i >= 14 else 1))
        for i, day in enumerate(days)
        for j in range(n)
    ]
    change = {"change_id": "c1", "workflow": "refunds", "kind": "prompt", "version_to": "v7"}
    change["changed_at"] = END - timedelta(days=14)
    return rows | {"runs": spent, "costs": [], "changes": [change]}


def test_history_starts_anew_where_a_change_moved_the_cost_of_a_run() -> None:
    row = judged(restarted(1.5), "COST-3", END)
    assert row["n"] == 14
    assert row["value"] * 3000 == pytest.approx(10 * 60 + 20 * 60)
    assert any(
        why.endswith("prompt v7 moved the cost per run by 50 %, so the projection starts here")
        for why in row["whys"]
    )


@pytest.mark.parametrize(("factor", "n"), [(1.15, 4), (1.5, 2)])
def test_a_small_move_or_few_runs_start_nothing(factor: float, n: int) -> None:
    assert judged(restarted(factor, n), "COST-3", END)["n"] == 28


def test_after_a_late_change_only_a_point_is_known() -> None:
    rows = restarted(1.5, n=20)
    rows["changes"][0]["changed_at"] = END - timedelta(days=10)
    for run in rows["runs"]:
        is_late = run["started_at"] >= END - timedelta(days=10)
        run["cost_usd"] = 15 if is_late else 10
    row = judged(rows, "COST-3", END)
    assert (row["state"], row["n"]) == ("insufficient", 10)


def test_runs_without_a_cost_were_not_free() -> None:
    rows = restarted(1)
    whole = judged(rows, "COST-3", END)["value"]
    for run in rows["runs"][::6]:
        run["cost_usd"] = None
    assert judged(rows, "COST-3", END)["value"] == pytest.approx(whole, rel=0.02)
    for run in rows["runs"][::2]:
        run["cost_usd"] = None
    assert gaps(rows, "COST-3", END).startswith("Not measured: the cost of only 50 % of the runs")


def test_calls_without_a_price_were_not_free() -> None:
    rows = target(53_000)
    call = {"kind": "llm", "model": "m"}
    rows["steps"] = [
        step_row(run, f"s{i}", i, **call, cost_usd=None if i == 4 else 0.1)
        for run in rows["runs"]
        for i in range(5)
    ]
    for run in rows["runs"]:
        run["cost_usd"] = 0.4
    assert judged(rows, "COST-7")["value"] == pytest.approx(50_400 / 53_000)


def test_budgets_in_another_currency() -> None:
    rows = spend(monthly=2000)
    rows["budgets"][0]["currency"] = "EUR"
    assert "EUR, which has no rate" in gaps(rows, "COST-3", END)
    rows["fx_rates"] = [{"currency": "EUR", "valid_from": END.date(), "usd_per_unit": 1.25}]
    assert judged(rows, "COST-3", END)["value"] == pytest.approx(3600 / 2500)


def test_a_long_window_alone_does_not_fire() -> None:
    assert judged(burning(*EARLY), "COST-4")["state"] == "green"
    row = judged(burning(*EARLY[:22], 10, 20), "COST-4")
    assert row["says"] == (
        "COST-4 Is money burning abnormally fast right now? 6.0 times the pace of the budget,"
        " $150.00 spent by 24 runs (limits 3 and 6, from a source)."
    )
    assert row["whys"][0] == "in the last 6 h: $6.25 of $150.00, 6.0 times the pace of the budget"
    assert len(row["whys"]) == 20


@pytest.mark.parametrize(
    ("rows", "state"),
    [
        (burning(*range(30), each=0.9), "green"),
        (burning(*range(4), *[4] * 26, each=3.0), "red"),
        (burning(*range(4), each=30.0), "insufficient"),
        (burning(1500, 1600, each=500.0), "green"),
    ],
    ids=["below 1 %", "loop in five minutes", "few runs", "yesterday"],
)
def test_what_fires(rows: Rows, state: str) -> None:
    assert judged(rows, "COST-4")["state"] == state


def test_a_busy_weekday_may_spend_more() -> None:
    rows = burning(*EARLY[:22], 10, 20)
    for i in range(1, 36):
        day = AS_OF - timedelta(days=i)
        rows["runs"].append(run_row(f"d{i}", day, cost_usd=70.0 if i % 7 == 0 else 5.0))
    row = judged(rows, "COST-4")
    assert row["state"] == "green"
    assert row["value"] < 2


def test_a_success_bears_all_cost() -> None:
    rows = successes()
    assert judged(rows, "COST-5")["says"] == (
        "COST-5 What does a successful outcome cost? $0.62 a success over 80, 62% of the target of"
        " $1.00 (95%: 62.5%–62.5%; limit 125%, our default)."
    )
    rows["workflows"][0]["review"] = '{"minutes": 6, "rate_usd": 50, "share": 0.1}'
    assert judged(rows, "COST-5")["k"] == pytest.approx(50 + 100 * 0.5)
    rows["workflows"][0]["fixed_monthly_usd"] = 365 / 12
    assert judged(rows, "COST-5")["k"] == pytest.approx(50 + 50 + 28, abs=1.01)


def test_what_a_person_costs_is_a_target_too() -> None:
    row = judged(successes(human_baseline='{"cost": 0.5}'), "COST-5")
    assert (row["value"], row["state"]) == (pytest.approx(1.25), "amber")


def test_without_a_target_or_fixed_cost_a_success_has_no_colour() -> None:
    assert gaps(successes(value_per_outcome_usd=None), "COST-5") == (
        "Not measured: a success costs $0.62, but there is no target. Declare value_per_outcome or"
        " human_baseline.cost."
    )
    assert "fixed_monthly_usd is not declared" in gaps(successes(fixed_monthly_usd=None), "COST-5")
    assert "review is not declared" in gaps(successes(review=None), "COST-5")


def test_unknown_outcomes_are_no_successes() -> None:
    rows = successes()
    for run in rows["runs"][:20]:
        run["outcome"] = "unknown"
    assert judged(rows, "COST-5")["n"] == 60


def test_every_success_names_its_source() -> None:
    rows = successes()
    rows["runs"][0] |= {"outcome_source": "feedback", "cost_usd": 2.0}
    whys = judged(rows, "COST-5")["whys"]
    assert whys[:2] == ["success by feedback: $2.0000", "failure by label: $0.5000"]


def test_waste_by_cause() -> None:
    rows = waste(failures=1, repeats=3)
    rows["runs"][0]["outcome"] = "abandoned"
    rows["steps"][5] |= {"kind": "tool", "attempt": 2}
    assert sorted(judged(rows, "COST-6")["whys"][:4]) == [
        "abandoned run: $0.5000 of $0.5000, 1 calls made again",
        "failed run: $0.5000 of $0.5000",
        "repeated calls: $0.1000 of $0.5000, 1 calls made again",
        "retries: $0.1000 of $0.5000, 1 calls made again",
    ]


def test_one_input_with_other_tokens_is_another_call() -> None:
    rows = waste(0, 30)
    for step in rows["steps"]:
        step["input_tokens"] += int(step["step_id"][1:])
    assert judged(rows, "COST-6")["value"] == 0


def test_waste_needs_inputs_and_outcomes() -> None:
    rows = waste(0, 30)
    for run in rows["runs"][:30]:
        run["outcome"] = "unknown"
    assert "the outcome of less than 80 %" in gaps(rows, "COST-6")
    for step in rows["steps"]:
        step["input_hash"] = None
    assert "steps.input_hash is missing on 160 of 160 rows" in gaps(rows, "COST-6")


@pytest.mark.parametrize("field", ["expected_monthly_volume", "fixed_monthly_usd", "review"])
def test_target_volume_needs_every_driver(field: str) -> None:
    assert f"{field} is not declared" in gaps(target(54_000, **{field: None}), "COST-7")


def test_the_drivers_are_shown() -> None:
    row = judged(target(53_000), "COST-7")
    assert row["says"] == (
        "COST-7 Does it fit the budget at target volume? $50,400 a month at target volume, 95% of"
        " the budget, from 100 priced runs (95%: 95.1%–95.1%; limit 100%, our default)."
    )
    assert row["whys"][:5] == [
        "cost of a run: $0.5000 a run, measured on 100 runs",
        "infrastructure: $400.00 a month, declared; one, five and ten times as much are tried",
        "growth: cost follows volume, assumed",
        "review: $0.0000 a run, declared",
        "volume: 100000 runs a month, declared",
    ]


def test_a_spread_of_costs_keeps_from_green() -> None:
    rows = target(60_000)
    for i, run in enumerate(rows["runs"]):
        run["cost_usd"] = 4.1 if i % 10 == 0 else 0.1
    row = judged(rows, "COST-7")
    assert row["value"] == pytest.approx(50_400 / 60_000)
    assert row["state"] == "amber"
    assert row["hi"] > 1


def test_review_by_people_counts_at_target_volume() -> None:
    rows = target(60_000, review='{"minutes": 6, "rate_usd": 50, "share": 0.1}')
    assert judged(rows, "COST-7")["value"] == pytest.approx((50_400 + 50_000) / 60_000)


def test_too_few_priced_runs() -> None:
    rows = target(53_000)
    rows["runs"][0]["cost_usd"] = None
    row = judged(rows, "COST-7")
    assert (row["state"], row["n"]) == ("insufficient", 99)


def test_cost_that_grows_faster_than_volume_is_not_green() -> None:
    rows = target(1_000_000)
    days = [AS_OF - timedelta(days=i + 1) for i in range(16)]
    counts = [4 + 2 * i for i in range(16)]
    rows["runs"] = [
        run_row(f"g{i} {j}", day, cost_usd=0.01 * counts[i] ** 0.5)
        for i, day in enumerate(days)
        for j in range(counts[i])
    ]
    row = judged(rows, "COST-7")
    assert row["state"] == "amber"
    assert "growth: ten times the runs cost 31.6 times as much, measured" in " ".join(row["whys"])


def test_the_dearest_runs_are_shown() -> None:
    row = judged(tail(), "COST-8")
    assert row["says"] == (
        "COST-8 Can one run run away? 61.2% of the spend is in the dearest 5% of 100 runs (limit"
        " 50%, and no run above its cap, our default)."
    )
    assert row["whys"][0] == "one of the dearest 5 %: $3.0000, 30.0 times the median"
    above = judged(tail(per_run_cap_usd=2.5), "COST-8")["whys"]
    assert above[0] == "above the cap of $2.5: $3.0000, 30.0 times the median"


def test_splitting_work_into_runs_hides_nothing() -> None:
    rows = tail(dear=0)
    for i, run in enumerate(rows["runs"]):
        run["case_id"] = "big" if i < 80 else f"case {i}"
    row = judged(rows, "COST-8")
    assert (row["value"], row["state"]) == (pytest.approx((8 + 0.05 * 0.1) / 10), "amber")


@pytest.mark.parametrize(
    ("risk", "state"), [("low", "amber"), ("medium", "amber"), ("high", "red"), (None, "red")]
)
def test_without_a_cap(risk: str | None, state: str) -> None:
    assert judged(tail(dear=0, per_run_cap_usd=None, risk=risk), "COST-8")["state"] == state


def test_a_workflow_without_a_file_has_no_cost_model() -> None:
    rows = {"runs": runs(100, cost_usd=0.5)}
    for check_id in ("COST-3", "COST-4", "COST-5", "COST-7", "COST-8"):
        assert gaps(rows, check_id).startswith("Not measured: needs ")


@pytest.mark.parametrize("check_id", ["COST-3", "COST-4", "COST-5", "COST-6", "COST-7", "COST-8"])
def test_what_no_run_tells_is_not_free(check_id: str) -> None:
    rows = successes()
    for run in rows["runs"]:
        run |= {"cost_usd": None, "started_at": run["started_at"] + timedelta(days=2, hours=20)}
    call = {"kind": "llm", "model": "m", "input_hash": "a"}
    rows["steps"] = [step_row(run, "s", **call) for run in rows["runs"]]
    assert gaps(rows, check_id).startswith(
        "Not measured: the cost of only 0 % of the runs is known"
    )


def test_test_runs_are_no_outcomes() -> None:
    rows = successes()
    rows["runs"] += [run_row(f"t{i}", AS_OF, stage="test", cost_usd=9.0) for i in range(50)]
    assert judged(rows, "COST-5")["n"] == 80
    assert judged(rows, "COST-8")["n"] == 100
