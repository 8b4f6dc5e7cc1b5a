"""Cost moves: parts that add up exactly, and each factor alone takes the whole move."""

from __future__ import annotations

import math
import random
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_rows import DAYS, FIRST, random_rows
from store_builder import Rows, build, run_row, step_row

from queries.grading.decomposition import divisia, log_mean
from queries.money.moves.spend import FACTORS, Moves, moves

SINCE = datetime.fromisoformat("2026-11-08")
UNTIL = SINCE + timedelta(days=7)
AMOUNTS = st.one_of(st.just(0.0), st.floats(1e-6, 1e6))
CHAIN = st.lists(AMOUNTS, min_size=8, max_size=8)
RATES = {"input": 2e-6, "output": 8e-6, "cache_read": 0.2e-6}


@given(st.lists(st.tuples(CHAIN, CHAIN), min_size=1, max_size=12), st.randoms())
def test_the_parts_add_up_and_the_order_of_the_cells_does_not_matter(
    cells: list[tuple[list[float], list[float]]], dice: random.Random
) -> None:
    def split(rows: list[tuple[list[float], list[float]]]) -> Any:
        return divisia(np.array([row[0] for row in rows]), np.array([row[1] for row in rows]))

    parts = split(cells)
    size = sum(before[-1] + after[-1] for before, after in cells)
    moved = math.fsum(after[-1] - before[-1] for before, after in cells)
    assert math.fsum(parts) == pytest.approx(moved, rel=1e-9, abs=1e-9 * size + 1e-300)
    shuffled = dice.sample(cells, len(cells))
    assert split(shuffled).tolist() == parts.tolist()


@given(st.lists(st.floats(0.01, 100), min_size=8, max_size=8), st.integers(0, 7), st.floats(0.1, 9))
def test_one_factor_alone_takes_the_whole_move(
    factors: list[float], changed: int, times: float
) -> None:
    after = [f * times if at == changed else f for at, f in enumerate(factors)]
    first, last = np.cumprod(factors), np.cumprod(after)
    parts = divisia(first[None], last[None])
    expected = np.zeros(8)
    expected[changed] = last[-1] - first[-1]
    assert parts == pytest.approx(expected, abs=1e-9 * (first[-1] + last[-1]))


def test_two_factors_by_hand() -> None:
    """C = 2 x 3 becomes 4 x 9: L(36, 6) = 30 / ln 6, split by ln 2 and ln 3."""
    parts = divisia(np.array([[2.0, 6.0]]), np.array([[4.0, 36.0]]))
    mean = 30 / math.log(6)
    assert parts == pytest.approx([mean * math.log(2), mean * math.log(3)])


def test_what_has_no_ratio_goes_to_its_first_missing_link() -> None:
    before, after = np.array([[5.0, 0, 0], [0, 0, 0]]), np.array([[5.0, 2, 9], [3, 2, 4]])
    assert divisia(before, after).tolist() == [4.0, 9.0, 0.0]
    assert divisia(np.zeros((0, 3)), np.zeros((0, 3))).tolist() == [0.0, 0.0, 0.0]


@given(st.floats(1e-6, 1e6), st.floats(1e-6, 1e6))
def test_the_logarithmic_mean_lies_between_the_others(a: float, b: float) -> None:
    mean = float(log_mean(np.array([a]), np.array([b]))[0])
    assert math.sqrt(a * b) * (1 - 1e-9) <= mean <= (a + b) / 2 * (1 + 1e-9)


def week(
    day: datetime, runs: int, calls: int = 2, workflow: str = "refunds", **columns: Any
) -> Rows:
    """One week of runs with so many model calls each, at the rates above unless a cost is given."""
    told = {"model": "m1", "provider": "openai", "input_tokens": 1000, "output_tokens": 100}
    told |= columns
    rows: Rows = {"runs": [], "steps": []}
    for number in range(runs):
        name = f"{workflow}-{day:%m%d}-{number}"
        run = run_row(name, day + timedelta(hours=number % 150), workflow=workflow)
        rows["runs"].append(run)
        for call in range(calls):
            step = {"kind": "llm", "cost_usd": priced(told)} | told
            rows["steps"].append(step_row(run, f"s{call}", call, **step))
    return rows


def priced(told: dict[str, Any]) -> float:
    """Cost of a call by class at RATES."""
    cached = told.get("cache_read_tokens", 0)
    inputs = (told["input_tokens"] - cached) * RATES["input"] + cached * RATES["cache_read"]
    return float(inputs + told["output_tokens"] * RATES["output"])


def prices(**columns: Any) -> list[dict[str, Any]]:
    """The rates as rows of a price list of one's own."""
    known = {"model": "m1", "valid_from": date(2026, 1, 1), "price_version": "own", **columns}
    return [
        known | {"token_class": name, "usd_per_token": rate, "above_tokens": 0}
        for name, rate in RATES.items()
    ]


def joined(*parts: Rows, listed: bool = True) -> Rows:
    rows: Rows = {"prices": prices()} if listed else {}
    for part in parts:
        for table, found in part.items():
            rows[table] = rows.get(table, []) + found
    return rows


def moved(rows: Rows, **given: Any) -> Moves:
    return moves(build(rows, UNTIL), SINCE, UNTIL, **given)


def by_name(found: Moves) -> dict[str, float]:
    return {part.name: part.usd for part in found.parts}


def added_up(found: Moves) -> None:
    assert found.before_usd is not None and found.after_usd is not None
    scale = abs(found.before_usd) + abs(found.after_usd)
    total = math.fsum(part.usd for part in found.parts)
    assert total == pytest.approx(found.after_usd - found.before_usd, abs=1e-9 * scale + 1e-12)


BEFORE = SINCE - timedelta(days=7)


@pytest.mark.parametrize(
    ("after", "name", "words"),
    [
        ({"runs": 30}, "volume", "20 → 30 runs"),
        ({"calls": 3}, "steps per run", "2 → 3 charged calls a run"),
        ({"output_tokens": 400}, "tokens per step", "1,100 → 1,400 tokens a model call"),
        ({"cache_read_tokens": 500}, "cache", "0.0% → 50.0% of input tokens read from the cache"),
        ({"cost_usd": 0.0014}, "price", "1 → 0.5 times the earlier prices"),
    ],
)
def test_a_planted_cause_is_named_alone(after: dict[str, Any], name: str, words: str) -> None:
    found = moved(joined(week(BEFORE, 20), week(SINCE, **({"runs": 20} | after))))
    added_up(found)
    parts = by_name(found)
    assert parts.pop(name) == pytest.approx(found.after_usd - found.before_usd)
    assert parts == pytest.approx(dict.fromkeys(parts, 0.0), abs=1e-9)
    assert next(part.words for part in found.parts if part.name == name) == words


def test_another_model_is_model_mix() -> None:
    found = moved(joined(week(BEFORE, 20), week(SINCE, 20, model="m2", cost_usd=0.01)))
    added_up(found)
    assert by_name(found)["model mix"] == pytest.approx(found.after_usd - found.before_usd)
    assert found.parts[3].words.startswith("100.0% → 0.0% of charged calls go to m1")


def test_a_workflow_that_did_not_run_before_is_volume() -> None:
    found = moved(joined(week(BEFORE, 20), week(SINCE, 20), week(SINCE, 5, workflow="kyc")))
    added_up(found)
    assert by_name(found)["volume"] == pytest.approx(5 * 2 * 0.0028)
    assert (found.runs_before, found.runs_after) == (20, 25)


def test_attempts_of_a_tool_that_charges_are_retries() -> None:
    def tools(day: datetime, attempts: int) -> Rows:
        rows = week(day, 20, calls=0)
        rows["steps"] = [
            step_row(run, f"t{n}", n, cost_usd=0.02, attempt=n + 1, status="error")
            for run in rows["runs"]
            for n in range(attempts)
        ]
        return rows

    found = moved(joined(tools(BEFORE, 1), tools(SINCE, 3)))
    assert by_name(found)["retries"] == pytest.approx(20 * 2 * 0.02)
    assert found.parts[2].words == "1 → 3 attempts a charged call"


def test_without_a_list_price_token_mix_and_price_are_one() -> None:
    rows = joined(week(BEFORE, 20), week(SINCE, 20, output_tokens=1200), listed=False)
    found = moved(rows)
    added_up(found)
    parts = by_name(found)
    assert parts["tokens per step"] == pytest.approx(
        40 * 0.0028 * math.log(2) * mean_of(11.6 / 2.8)
    )
    assert parts["cache"] == 0
    assert "No list price of 2026-11-07: m1. There, price and token mix cannot" in found.notes[0]


def mean_of(ratio: float) -> float:
    """Logarithmic mean of 1 and the ratio."""
    return (ratio - 1) / math.log(ratio)


def test_calls_without_a_price_are_said_and_never_free() -> None:
    unpriced = week(SINCE, 10, cost_usd=None)
    for table in ("runs", "steps"):
        for row in unpriced[table]:
            row["run_id"] += "-u"
    found = moved(joined(week(BEFORE, 20), week(SINCE, 10), unpriced))
    added_up(found)
    parts = by_name(found)
    assert parts["calls without a price"] == pytest.approx(-20 * 0.0028)
    assert parts["price"] == pytest.approx(0, abs=1e-12)
    assert found.notes[0].startswith("0.0% of the charged calls before and 50.0% after")


def test_what_an_invoice_tells_beyond_the_traces_is_apart() -> None:
    bill = {
        "provider": "openai", "category": "llm", "currency": "USD", "measure": "billed",
        "source": "invoice", "amount": 7, "cost_usd": 7.0,
        "period_start": SINCE, "period_end": UNTIL,
    }  # fmt: skip
    found = moved(joined(week(BEFORE, 20), week(SINCE, 20), {"costs": [bill]}))
    added_up(found)
    assert found.after_usd == pytest.approx(7)
    assert by_name(found)["outside the traces"] == pytest.approx(7 - 40 * 0.0028)


def test_tests_and_replays_stand_apart() -> None:
    rows = joined(week(BEFORE, 20), week(SINCE, 20))
    rows["steps"] += week(SINCE, 4, workflow="kyc")["steps"]
    rows["runs"] += week(SINCE, 4, workflow="kyc")["runs"]
    for row in rows["runs"] + rows["steps"]:
        if row["workflow"] == "kyc":
            row["stage"] = "replay"
    found = moved(rows)
    added_up(found)
    assert by_name(found)["tests and replays"] == pytest.approx(8 * 0.0028)
    assert by_name(found)["volume"] == 0


def test_a_run_that_only_states_a_cost_of_its_own_is_one_charged_call() -> None:
    rows = joined(week(BEFORE, 20, cost_usd=None), week(SINCE, 20, cost_usd=None))
    for number, run in enumerate(rows["runs"]):
        run["cost_usd"] = 0.5 if number < 20 else 0.75
    found = moved(rows)
    added_up(found)
    assert by_name(found)["price"] == pytest.approx(20 * 0.25)
    assert by_name(found)["outside the traces"] == pytest.approx(0)
    assert found.notes == ()


def test_a_window_without_spend_has_no_parts() -> None:
    found = moved(joined(week(SINCE, 20)))
    assert (found.before_usd, found.parts) == (None, ())
    assert found.notes == ("No spend is known for the 7 days from 2026-11-01 on.",)
    assert moved({}).after_usd is None


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("workflow", [None, ["refunds"], ["refunds", "kyc"]])
def test_random_stores_add_up(seed: int, workflow: list[str] | None) -> None:
    connection = build(random_rows(seed), FIRST + timedelta(days=DAYS))
    for days in (7, 14):
        since = FIRST + timedelta(days=20)
        found = moves(connection, since, since + timedelta(days=days), workflow)
        if found.parts:
            added_up(found)
            assert [part.name for part in found.parts if part.name in FACTORS][:4] == [*FACTORS[:4]]
