"""Budgets: what is spent, what the period will come to, when the budget is crossed."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from store_builder import build, run_row

import queries
from queries.grading import backtest, crossing, month_end

NOW = datetime.fromisoformat("2026-11-21")
BUDGET = {"scope_kind": "program", "scope": "all", "period": "month", "currency": "USD"}
START = date.fromisoformat("2026-11-01")


def line(day: date, usd: float | None, **other: Any) -> dict[str, Any]:
    """One line of a bill for one day."""
    start = datetime.combine(day, datetime.min.time())
    return {
        "cost_id": f"{day} {len(other)} {sorted(other.items())}",
        "period_start": start,
        "period_end": start + timedelta(days=1),
        "provider": "openai",
        "category": "llm",
        "amount": usd or 0,
        "currency": "USD",
        "cost_usd": usd,
        "measure": "billed",
        "source": "invoice",
    } | other


def days(n: int, usd: float = 10.0, **other: Any) -> list[dict[str, Any]]:
    """The same line on each of the n days before the newest data."""
    return [line(NOW.date() - timedelta(days=i + 1), usd, **other) for i in range(n)]


def outlook(rows: dict[str, Any], *scope: str, now: datetime = NOW) -> queries.Outlook:
    """How a scope stands in a store of these rows."""
    found = queries.outlook(build(rows, now), *scope)
    assert found is not None
    return found


def test_an_even_month_crosses_on_the_day_the_sum_says() -> None:
    found = outlook({"costs": days(60), "budgets": [BUDGET | {"amount": 245}]})
    assert (found.spent_usd, found.projected_usd) == (200, pytest.approx(300))
    assert (found.lo_usd, found.hi_usd) == (pytest.approx(300), pytest.approx(300))
    assert found.crosses == (date(2026, 11, 25), date(2026, 11, 25), date(2026, 11, 25), False)
    reached = [(rung.share, rung.crossing.on, rung.crossing.is_past) for rung in found.ladder]
    assert reached == [
        (0.5, date(2026, 11, 13), True),
        (0.8, date(2026, 11, 20), True),
        (1.0, date(2026, 11, 25), False),
    ]


def test_a_budget_that_holds_is_not_crossed() -> None:
    found = outlook({"costs": days(60), "budgets": [BUDGET | {"amount": 301}]})
    assert found.crosses == (None, None, None, False)


def test_the_interval_of_the_crossing_is_that_of_the_projection() -> None:
    costs = {NOW.date() - timedelta(days=i + 1): 100.0 + 40 * (i % 2) for i in range(28)}
    last, ends = date(2026, 11, 20), date(2026, 11, 30)
    spent = month_end(costs, last, ends)
    lo, hi = spent.lo, spent.hi
    assert lo is not None and hi is not None
    known = {"begins_on": START}
    assert crossing(costs, last, ends, hi - 0.01, **known).earliest == ends
    assert crossing(costs, last, ends, hi + 0.01, **known).earliest is None
    assert crossing(costs, last, ends, lo - 0.01, **known).latest == ends
    assert crossing(costs, last, ends, spent.centre - 0.01, **known).on == ends
    assert crossing(costs, last, ends, spent.centre + 0.01, **known).on is None


@pytest.mark.parametrize(
    ("period", "begins", "ends", "spent"),
    [
        ("month", date(2026, 11, 1), date(2026, 11, 30), 200),
        ("week", date(2026, 11, 16), date(2026, 11, 22), 50),
        ("day", date(2026, 11, 20), date(2026, 11, 20), 10),
    ],
)
def test_a_budget_has_its_own_period(period: str, begins: date, ends: date, spent: float) -> None:
    found = outlook({"costs": days(60), "budgets": [BUDGET | {"amount": 1, "period": period}]})
    assert (found.period, found.period_start, found.period_end) == (period, begins, ends)
    assert found.spent_usd == spent


def test_the_month_comes_before_the_week_and_all_budgets_are_listed() -> None:
    rows = {
        "costs": days(30, workflow="refunds", team="service"),
        "budgets": [
            BUDGET | {"amount": 70, "period": "week"},
            BUDGET | {"amount": 300},
            BUDGET | {"scope_kind": "workflow", "scope": "refunds", "amount": 250},
            BUDGET | {"scope_kind": "team", "scope": "service", "amount": 100},
            BUDGET | {"scope_kind": "team", "scope": "nobody", "amount": 100},
        ],
    }
    assert outlook(rows).period == "month"
    found = queries.outlooks(build(rows, NOW))
    told = [(o.by, o.item, o.period, o.budget_usd, o.spent_usd) for o in found]
    assert told == [
        (None, None, "month", 300, 200),
        (None, None, "week", 70, 50),
        ("workflow", "refunds", "month", 250, 200),
        ("team", "nobody", "month", 100, None),
        ("team", "service", "month", 100, 200),
    ]
    assert found[3].silence == "No spend is recorded."


def test_the_team_of_a_workflow_pays_for_its_runs() -> None:
    runs = [run_row("r", NOW - timedelta(hours=9), workflow="refunds", cost_usd=2.0)]
    team = [BUDGET | {"scope_kind": "team", "scope": "service", "amount": 100}]
    rows = {"runs": runs, "budgets": team}
    assert outlook(rows, "team", "service").spent_usd is None
    rows["workflows"] = [{"workflow": "refunds", "team": "service"}]
    assert outlook(rows, "team", "service").spent_usd == 2.0


def test_a_budget_counts_from_its_day() -> None:
    starts = [None, date(2026, 11, 1), date(2026, 12, 1)]
    budgets = [BUDGET | {"amount": 100 + i, "valid_from": day} for i, day in enumerate(starts)]
    assert outlook({"costs": days(9), "budgets": budgets}).budget_usd == 101


@pytest.mark.parametrize(("currency", "expected"), [("EUR", 3300), ("SEK", None)])
def test_a_budget_without_a_rate_is_unknown(currency: str, expected: float | None) -> None:
    rates = [{"currency": "EUR", "valid_from": date(2026, 1, 1), "usd_per_unit": 1.1}]
    budget = BUDGET | {"amount": 3000, "currency": currency}
    found = outlook({"costs": days(20), "budgets": [budget], "fx_rates": rates})
    assert found.budget_usd == (pytest.approx(expected) if expected else None)
    assert bool(found.unconverted) == (expected is None)
    assert (found.crosses is None) == (expected is None)


def test_a_zero_budget_is_crossed_by_the_first_cent() -> None:
    zero = [BUDGET | {"amount": 0}]
    assert outlook({"costs": days(3), "budgets": zero}).crosses == (
        date(2026, 11, 18), date(2026, 11, 18), date(2026, 11, 18), True,
    )  # fmt: skip
    unspent = outlook({"costs": days(3, 0.0), "budgets": zero})
    assert unspent.crosses == (None, None, None, False)


def test_a_credit_takes_back_what_was_crossed() -> None:
    rows = {"costs": days(20), "budgets": [BUDGET | {"amount": 190}]}
    assert outlook(rows).crosses is not None and outlook(rows).crosses[3]  # type: ignore[index]
    rows["costs"].append(line(date(2026, 11, 20), -150, category="credit"))
    assert outlook(rows).spent_usd == 50
    assert not outlook(rows).crosses[3]  # type: ignore[index]


def test_a_day_that_is_not_over_is_spent_but_no_history() -> None:
    rows = {"costs": days(30), "budgets": [BUDGET | {"amount": 203}]}
    rows["costs"].append(line(NOW.date(), 4.0))
    noon = NOW + timedelta(hours=12)
    found = outlook(rows, now=noon)
    assert (found.as_of_day, found.spent_usd) == (NOW.date(), 204)
    assert found.projected_usd == pytest.approx(300)
    assert found.crosses == (NOW.date(), NOW.date(), NOW.date(), True)


def test_a_month_without_a_line_between_two_is_no_cost() -> None:
    costs = [line(date(2026, 9, 1) + timedelta(days=i), 10.0) for i in range(30)]
    costs += [line(date(2026, 11, 1) + timedelta(days=i), 10.0) for i in range(20)]
    found = outlook({"costs": costs, "budgets": [BUDGET | {"amount": 500}]})
    assert found.spent_usd == 200
    assert found.projected_usd == pytest.approx(200 + 10 * 200 / 28, rel=0.02)


def test_what_has_no_price_is_not_projected() -> None:
    rows = {"costs": days(14) + days(14, None, workflow="a"), "budgets": []}  # type: ignore[arg-type]
    found = outlook(rows)
    assert found.priced_share == 0.5
    assert found.spent_usd == 140
    assert found.projected_usd is None
    assert found.silence == "Only 50% of what was charged has a price."


def test_history_starts_anew_at_a_change_that_moved_the_cost_of_a_run() -> None:
    runs = [
        run_row(
            f"r{i}-{n}",
            NOW - timedelta(days=i + 1, hours=-9),
            workflow="refunds",
            cost_usd=2.0 if i < 10 else 1.0,
        )
        for i in range(28)
        for n in range(5)
    ]
    change = {
        "change_id": "c1",
        "workflow": "refunds",
        "changed_at": NOW - timedelta(days=10),
        "kind": "prompt",
        "version_to": "v2",
        "is_rollback": False,
    }
    before = outlook({"runs": runs}, "workflow", "refunds")
    after = outlook({"runs": runs, "changes": [change]}, "workflow", "refunds")
    assert (before.spent_usd, after.spent_usd) == (150, 150)
    assert before.restart is None
    assert after.restart == (date(2026, 11, 11), "prompt v2", pytest.approx(1.0))
    assert after.projected_usd == pytest.approx(150 + 10 * 10)
    assert before.projected_usd is not None and before.projected_usd < 240


def test_projections_that_missed_widen_the_band() -> None:
    last = date(2026, 11, 20)
    steady = {last - timedelta(days=i): 100.0 + i % 2 for i in range(98)}
    assert backtest(steady, last).widened == 1
    jumps = {day: usd * (3 if (last - day).days % 14 < 7 else 1) for day, usd in steady.items()}
    found = backtest({d: u * (1 + (last - d).days // 7 % 4) for d, u in jumps.items()}, last)
    assert found.tried >= 5
    assert (found.held < 0.7 * found.tried) == (found.widened > 1)


@given(
    st.lists(st.floats(0, 1e4), min_size=1, max_size=60),
    st.floats(0.01, 1e5),
    st.integers(0, 29),
)
def test_crossing_keeps_its_order(costs: list[float], amount: float, left: int) -> None:
    last = date(2026, 11, 1) + timedelta(days=left)
    daily = {last - timedelta(days=i): usd for i, usd in enumerate(costs)}
    total = math.fsum(usd for day, usd in daily.items() if START <= day <= last)
    assume(abs(total - amount) > 1e-6)
    found = crossing(daily, last, date(2026, 11, 30), amount, begins_on=START)
    told = [day or date.max for day in (found.earliest, found.on, found.latest)]
    assert found.earliest is None or told == sorted(told)
    assert all(day is None or START <= day <= date(2026, 11, 30) for day in found[:3])
    assert found.is_past == (total > amount)


def burning(runs: list[dict[str, Any]]) -> set[tuple[str, int]]:
    """Which scopes fire in which window, of a budget of a dollar an hour."""
    budgets = [
        BUDGET | {"amount": 720},
        BUDGET | {"scope_kind": "workflow", "scope": "refunds", "amount": 720},
    ]
    store = build({"runs": runs, "budgets": budgets}, NOW)
    told = queries.run(store, "burn_windows", since=NOW - timedelta(days=2), as_of=NOW)
    assert told.height == 6
    return set(told.filter("fires").select("scope", "long_min").rows())


def hourly() -> list[dict[str, Any]]:
    """A planned month: a run of a dollar every hour."""
    return [
        run_row(f"h{n}", NOW - timedelta(hours=n + 1), workflow="refunds", cost_usd=1.0)
        for n in range(24 * 30)
    ]


def test_a_planned_month_does_not_fire() -> None:
    assert burning(hourly()) == set()


def test_a_loop_fires_for_its_workflow_and_the_programme() -> None:
    loop = [
        run_row(f"x{n}", NOW - timedelta(seconds=7 * n), workflow="refunds", cost_usd=1.0)
        for n in range(30)
    ]
    assert burning(hourly() + loop) == {("refunds", 60), ("all", 60)}


def test_a_few_dear_runs_are_no_loop() -> None:
    few = [run_row("x", NOW - timedelta(seconds=7), workflow="refunds", cost_usd=60.0)]
    assert burning(few) == set()


def test_a_part_within_workflows_is_theirs_and_has_no_budget() -> None:
    costs = days(20, 3.0, workflow="refunds", model="m") + days(20, 5.0, workflow="kyc", model="m")
    rows = {"costs": costs, "budgets": [BUDGET | {"amount": 900}]}
    store = build(rows, NOW)
    told = [
        queries.outlook(store, by, item, workflow)
        for by, item, workflow in (
            (None, None, None),
            ("model", "m", None),
            ("model", "m", ["kyc"]),
            (None, None, ["kyc", "refunds"]),
            (None, None, ["refunds"]),
        )
    ]
    assert [(o.spent_usd, o.budget_usd) for o in told if o] == [
        (160, 900), (160, None), (100, None), (160, None), (60, None),
    ]  # fmt: skip


def test_a_version_named_as_a_workflow_is_not_the_workflow() -> None:
    runs = [run_row("r", NOW - timedelta(hours=9), workflow="a", version="b", cost_usd=2.0)]
    runs += [run_row("s", NOW - timedelta(hours=9), workflow="b", version="c", cost_usd=7.0)]
    assert outlook({"runs": runs}, "version", "b").spent_usd == 2
    assert outlook({"runs": runs}, "workflow", "b").spent_usd == 7
