"""The bill against the traces: every dollar of the difference stands under one part."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_rows import random_rows
from store_builder import build, run_row, step_row

import queries
from queries.money.bill import reconcile

NOW = datetime.fromisoformat("2026-11-21")
FIRST = NOW - timedelta(days=10)
LINE = {
    "provider": pl.String,
    "model": pl.String,
    "kind": pl.String,
    "first_day": pl.Date,
    "last_day": pl.Date,
    **dict.fromkeys(
        """billed_usd billed_requests billed_input_tokens billed_output_tokens traced_usd
        traced_calls traced_input_tokens traced_output_tokens""".split(),
        pl.Float64(),
    ),
    "untold_calls": pl.Int64,
}


def billed(usd: float, day: int = 0, **other: Any) -> dict[str, Any]:
    """One line of an invoice for one day."""
    start = FIRST + timedelta(days=day)
    known = {"provider": "openai", "model": "m", "category": "llm", "currency": "USD"}
    known |= {"measure": "billed", "source": "invoice", "amount": usd, "cost_usd": usd}
    span = {"period_start": start, "period_end": start + timedelta(days=1)}
    return known | span | {"cost_id": f"{day} {sorted(other.items())}"} | other


def traced(calls: int, usd: float = 1.0, model: str = "m") -> dict[str, list[dict[str, Any]]]:
    """So many calls on the first day, of 100 input and 10 output tokens each."""
    runs = [run_row(f"{model} {n}", FIRST + timedelta(hours=1)) for n in range(calls)]
    known = {"kind": "llm", "provider": "openai", "model": model, "cost_usd": usd}
    tokens = {"input_tokens": 100, "output_tokens": 10}
    return {"runs": runs, "steps": [step_row(run, "s", 0, **known, **tokens) for run in runs]}


def steps(rows: dict[str, Any]) -> dict[str, float]:
    """The parts of the difference, rounded."""
    found = queries.bill(build(rows, NOW), FIRST, NOW)
    assert found is not None
    assert found.traced_usd + sum(s.usd for s in found.steps) == pytest.approx(found.billed_usd)
    return {step.name: round(step.usd, 9) for step in found.steps}


def test_requests_then_tokens_then_price() -> None:
    line = billed(20.0, request_count=12, input_tokens=1_300, output_tokens=130)
    assert steps(traced(10) | {"costs": [line]}) == {
        "requests not traced": 2.0,
        "tokens not traced": pytest.approx(1.0),
        "price difference": pytest.approx(7.0),
    }


def test_without_a_count_of_requests_tokens_tell() -> None:
    line = billed(12.0, input_tokens=1_100, output_tokens=110)
    told = {"tokens not traced": pytest.approx(1.0), "price difference": pytest.approx(1.0)}
    assert steps(traced(10) | {"costs": [line]}) == told


def test_a_bill_that_states_only_dollars_explains_nothing() -> None:
    assert steps(traced(10) | {"costs": [billed(12.0)]}) == {"not explained": 2.0}


def test_what_no_trace_can_know_and_who_was_never_traced_stand_apart() -> None:
    rows = traced(10) | {
        "costs": [
            billed(10.0, request_count=10, input_tokens=1_000, output_tokens=100),
            billed(4.0, model="other"),
            billed(-3.0, model=None, category="credit"),
            billed(7.0, model=None, category="infra"),
        ]
    }
    rows["runs"] += (more := traced(2, 0.5, "unbilled"))["runs"]
    rows["steps"] += more["steps"]
    assert steps(rows) == {
        "models never traced": 4.0,
        "models never billed": -1.0,
        "credit": -3.0,
        "infra": 7.0,
    }


def test_days_without_a_bill_are_not_compared() -> None:
    rows = traced(10) | {"costs": [billed(10.0, day=3, input_tokens=1, output_tokens=1)]}
    assert steps(rows) == {"models never traced": 10.0}
    assert queries.bill(build(traced(10), NOW), FIRST, NOW) is None


def test_calls_without_a_price_are_counted() -> None:
    rows = traced(10) | {"costs": [billed(12.0)]}
    rows["steps"][0]["cost_usd"] = None
    found = queries.bill(build(rows, NOW), FIRST, NOW)
    assert found is not None and found.untold_calls == 1


def test_an_invoice_that_comes_later_replaces_the_estimate_and_the_history_says_so() -> None:
    rows = traced(10)
    window = {"since": FIRST, "until": NOW}
    before = queries.run(build(rows, NOW), "bill_history", **window)
    assert before.select("source", "cost_usd").rows() == [("traces", 10.0)]
    rows["costs"] = [billed(12.0) | {"source_id": "x"}]
    rows["sources"] = [{"source_id": "x", "path": "bill.csv", "loaded_at": NOW}]
    after = queries.run(build(rows, NOW), "bill_history", **window).row(0, named=True)
    assert (after["source"], after["cost_usd"], after["days"]) == ("invoice", 12.0, 1)
    assert (after["replaced_source"], after["replaced_usd"]) == ("traces", 10.0)
    assert after["known_at"] == NOW
    total = queries.run(build(rows, NOW), "spend_total", **window)
    assert total["cost_usd"][0] == 12.0


@pytest.mark.parametrize("seed", range(3))
def test_the_parts_add_up_on_any_rows(seed: int) -> None:
    rows = random_rows(seed)
    for number, cost in enumerate(rows["costs"]):
        cost["request_count"] = (None, number)[number % 2]
        cost["input_tokens"] = (None, 10 * number)[number % 3 > 0]
    since = datetime.fromisoformat("2026-10-01")
    found = queries.bill(build(rows, NOW), since, NOW)
    assert found is not None and found.steps
    total = found.traced_usd + sum(step.usd for step in found.steps)
    assert total == pytest.approx(found.billed_usd, abs=1e-6)


AMOUNTS = st.none() | st.floats(-1e6, 1e6)
COUNTS = st.none() | st.floats(0, 1e6)


@given(
    st.lists(
        st.tuples(
            st.sampled_from("ab"), st.sampled_from("mn"), st.sampled_from(["use", "tax", "infra"]),
            AMOUNTS, COUNTS, COUNTS, COUNTS, AMOUNTS, st.none() | st.floats(1, 1e6), COUNTS, COUNTS,
        ),
        min_size=1,
        max_size=8,
    )
)  # fmt: skip
def test_no_dollar_is_lost_or_invented(rows: list[tuple[Any, ...]]) -> None:
    lines = [(*row[:3], None, None, *row[3:], 0) for row in rows]
    found = reconcile(pl.DataFrame(lines, schema=LINE, orient="row"))
    told = sum(step.usd for step in found.steps)
    scale = sum(abs(step.usd) for step in found.steps) + abs(found.traced_usd) + 1
    assert found.billed_usd - found.traced_usd == pytest.approx(told, abs=1e-9 * scale)
