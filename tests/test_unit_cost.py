"""What a run and a success cost, and what is spent for nothing."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import polars as pl
import pytest
from random_rows import random_rows
from store_builder import build, run_row, step_row

import queries

NOW = datetime.fromisoformat("2026-11-21")
SINCE = NOW - timedelta(days=28)
HOME = {"workflow": "refunds", "stage": "pilot", "fixed_monthly_usd": 0}
NOBODY = '{"minutes": 3, "rate_usd": 40, "share": 0}'


def runs(*outcomes: str, usd: float = 1.0) -> list[dict[str, Any]]:
    """One run an outcome, on ten days in turn."""
    return [
        run_row(
            f"r{n}",
            NOW - timedelta(days=1 + n % 10, hours=-9),
            workflow="refunds",
            outcome=outcome,
            cost_usd=usd,
        )
        for n, outcome in enumerate(outcomes)
    ]


def success(rows: dict[str, Any]) -> queries.Success:
    """Cost of a run and of a success in the last 28 days."""
    return queries.success(days(rows))


def days(rows: dict[str, Any]) -> pl.DataFrame:
    """The complete days of the last 28."""
    return queries.run(build(rows, NOW), "success_days", since=SINCE, as_of=NOW)


def test_failed_runs_are_paid_by_the_successes() -> None:
    rows = {"runs": runs(*["success", "success", "success", "failure"] * 10)}
    rows["workflows"] = [HOME | {"review": NOBODY}]
    found = success(rows)
    assert (found.cost_usd, found.per_run.usd, found.per_run.n) == (40, 1, 40)
    assert found.per_success.usd == pytest.approx(40 / 30)
    assert found.per_success.lo_usd is not None and found.per_success.hi_usd is not None
    assert found.per_success.lo_usd < 40 / 30 < found.per_success.hi_usd
    assert found.silences == ()


def test_review_and_fixed_cost_are_in_it() -> None:
    rows = {"runs": runs(*["success"] * 20)}
    review = '{"minutes": 3, "rate_usd": 40, "share": 0.5}'
    rows["workflows"] = [HOME | {"review": review, "fixed_monthly_usd": 365 / 12 * 2}]
    assert success(rows).cost_usd == pytest.approx(20 + 20 * 1 + 28 * 2)


def test_what_is_not_declared_is_said() -> None:
    rows = {"runs": runs(*["success"] * 20), "workflows": [HOME]}
    assert success(rows).silences == (
        "review is not declared. Write share: 0 where nobody reviews.",
    )
    rows["runs"] += [run_row("x", NOW - timedelta(days=2), workflow="kyc", cost_usd=1)]
    (said,) = success(rows).silences
    assert said == "2 of 2 workflows: fixed cost and review, as the workflow is not declared."


def test_without_a_success_there_is_no_cost_of_one() -> None:
    found = success({"runs": runs("failure", "failure")})
    assert found.per_success == (None, None, None, 0)
    assert found.per_run.usd == 1
    assert success({}).per_run == (None, None, None, 0)


def test_a_cost_that_is_not_known_is_not_zero() -> None:
    rows = {"runs": runs(*["success"] * 20)}
    for run in rows["runs"]:
        run["cost_usd"] = None
    found = success(rows)
    assert (found.cost_usd, found.per_run.usd, found.per_success.usd) == (None, None, None)
    assert found.silences[0].startswith("the cost of only 0 % of the runs is known")
    rows["runs"] += [run_row("x", NOW - timedelta(days=2), workflow="kyc", cost_usd=3)]
    assert success(rows).per_run.usd == 3
    assert success(rows).silences[0].startswith("1 of 2 workflows: the cost of only 0 %")


def test_weeks_begin_on_monday_and_add_up() -> None:
    rows = {"runs": runs(*["success"] * 20), "workflows": [HOME | {"review": NOBODY}]}
    own = queries.success_over(days(rows), "1w")
    assert queries.success_over(days(rows), "1d").height == 10
    assert own["at"].to_list() == [date(2026, 11, 9), date(2026, 11, 16)]
    assert own["n"].sum() == 20
    assert own["usd"].to_list() == [1, 1]


def call(run: dict[str, Any], number: int, **other: Any) -> dict[str, Any]:
    """A priced model call of a run."""
    known = {"kind": "llm", "model": "m", "cost_usd": 0.25, "input_tokens": 10}
    return step_row(run, f"s{number}", number, **known | other)


def test_every_dollar_of_a_run_stands_under_one_cause() -> None:
    told = runs("success", "failure", "abandoned", "unknown", "success")
    first, last = told[0], told[4]
    rows = {
        "runs": told,
        "steps": [
            call(first, 0, input_hash="a", attempt=1),
            call(first, 1, input_hash="a", attempt=2),
            call(first, 2, input_hash="b", attempt=1),
            call(first, 3, input_hash="c", attempt=1),
            call(last, 0, input_hash="a", attempt=1),
            call(last, 1, input_hash="a", attempt=1),
            *(call(last, n, input_hash=str(n), attempt=1) for n in (2, 3)),
        ],
    }
    waste = queries.run(build(rows, NOW), "waste_by_cause", since=SINCE, as_of=NOW)
    found = {row["cause"]: (row["cost_usd"], row["runs"]) for row in waste.to_dicts()}
    assert found == {
        "failed runs": (1, 1),
        "abandoned runs": (1, 1),
        "runs of unknown outcome": (1, 1),
        "retries": (0.25, 1),
        "repeated calls": (0.25, 1),
        "useful": (1.5, 2),
    }
    levers = queries.levers(waste, 28, growth=10)
    assert [lever.cause for lever in levers[:2]] == ["abandoned runs", "failed runs"]
    assert levers[0].month_usd == pytest.approx(365 / 12 / 28)
    assert levers[0].target_usd == pytest.approx(3650 / 12 / 28)
    assert levers[0].share == pytest.approx(0.2)
    dearest = queries.run(build(rows, NOW), "waste_runs", since=SINCE, as_of=NOW, limit=1)
    assert dearest["cause"].sort().to_list() == [
        "abandoned runs", "failed runs", "repeated calls", "retries",
    ]  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_causes_add_up_to_the_cost_of_the_runs_in_any_order(seed: int) -> None:
    rows = random_rows(seed)
    now = datetime.fromisoformat("2026-11-20")
    window = {"since": now - timedelta(days=28), "as_of": now}
    waste = queries.run(build(rows, now), "waste_by_cause", **window)
    whole = queries.run(build(rows, now), "success_days", **window)["run_usd"].sum()
    assert waste["cost_usd"].sum() == pytest.approx(whole, rel=0.06)
    shuffled = {name: Random(seed).sample(table, len(table)) for name, table in rows.items()}
    assert queries.run(build(shuffled, now), "waste_by_cause", **window).equals(waste)
