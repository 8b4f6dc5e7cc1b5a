"""Which price is used, how old it is, and which calls have none."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from store_builder import AS_OF, build, run_row, step_row

import queries

RUN = run_row("r", date(2026, 11, 10))
OLD_RUN = run_row("o", date(2026, 9, 10))
PUBLIC = {"provider": "openai", "price_version": "genai-prices 1.0 openai"}
SINCE_EVER = date(1970, 1, 1)


def price(model: str, **columns: Any) -> dict[str, Any]:
    """The public input price of a model, since ever."""
    fixed = {"token_class": "input", "usd_per_token": 1e-6, "valid_from": SINCE_EVER}
    return {"model": model, "above_tokens": 0, **fixed, **PUBLIC, **columns}


def call(number: int, model: str, run: dict[str, Any] = RUN, **columns: Any) -> dict[str, Any]:
    """A call that the public list priced."""
    priced = {"cost_usd": 1.0, "cost_source": "priced"} | PUBLIC
    return step_row(run, f"s{number}", kind="llm", model=model, **(priced | columns))


def listed(prices: list[dict[str, Any]], calls: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The price list as it is asked for."""
    store = build({"runs": [RUN, OLD_RUN], "steps": calls, "prices": prices})
    return queries.run(store, "price_list", as_of=AS_OF).to_dicts()


def test_the_price_in_force_is_listed_with_the_calls_it_priced() -> None:
    prices = [
        price("gpt-5", valid_to=date(2026, 10, 1)),
        price("gpt-5", valid_from=date(2026, 10, 1), usd_per_token=2e-6),
        price("gpt-5", valid_from=date(2027, 1, 1), usd_per_token=3e-6),
        price("gpt-5", valid_from=date(2026, 10, 1), above_tokens=200_000, usd_per_token=4e-6),
        price("gpt-4o"),
    ]
    calls = [call(0, "gpt-5"), call(1, "gpt-5"), call(2, "gpt-5", OLD_RUN)]
    calls += [call(3, "gpt-4o", cost_source="reported", price_version=None)]
    found = [(f["model"], f["above_tokens"], f["usd_per_token"], f["calls"], f["is_own"])
             for f in listed(prices, calls)]  # fmt: skip
    assert found == [
        ("gpt-5", 0, 2e-6, 2, False),
        ("gpt-5", 200_000, 4e-6, 2, False),
        ("gpt-4o", 0, 1e-6, 0, False),
    ]


def test_an_own_price_stands_before_the_public_one() -> None:
    own = {"provider": None, "price_version": "agreement", "valid_from": date(2026, 1, 1)}
    prices = [price("gpt-5"), price("gpt-5", token_class="output"), price("gpt-5", **own)]
    mixed = "agreement, genai-prices 1.0 openai"
    found = listed(prices, [call(0, "gpt-5", price_version=mixed), call(1, "gpt-4o")])
    assert [(f["provider"], f["token_class"], f["is_own"], f["calls"]) for f in found] == [
        (None, "input", True, 1),
        ("openai", "output", False, 1),
    ]


def test_a_call_counts_for_the_name_that_priced_it() -> None:
    prices = [price("gpt-5"), price("gpt-5-2025-08-07")]
    found = listed(prices, [call(0, "gpt-5", response_model="gpt-5-2025-08-07")])
    assert {f["model"]: f["calls"] for f in found} == {"gpt-5-2025-08-07": 1, "gpt-5": 0}


@pytest.mark.parametrize(
    ("columns", "is_used", "is_stale"),
    [
        ({}, True, None),
        ({"checked_on": date(2026, 5, 1)}, True, True),
        ({"checked_on": date(2026, 6, 1)}, True, False),
        ({"valid_from": date(2026, 6, 1), "checked_on": date(2025, 1, 1)}, True, False),
        ({"valid_from": date(2025, 6, 1)}, True, True),
        ({"valid_from": date(2025, 6, 1)}, False, False),
    ],
)
def test_a_price_that_nobody_checked_for_half_a_year_is_stale(
    columns: dict[str, Any], is_used: bool, is_stale: bool | None
) -> None:
    calls = [call(0, "gpt-5")] if is_used else []
    assert [f["is_stale"] for f in listed([price("gpt-5", **columns)], calls)] == [is_stale]


def test_calls_without_a_price_are_counted_by_model() -> None:
    none = {"cost_usd": None, "cost_source": None, "price_version": None}
    refused = none | {"status": "error", "error_class": "rate_limit"}
    calls = [
        call(0, "house-7", **none, input_tokens=5, output_tokens=2),
        call(1, "house-7", OLD_RUN, **none, input_tokens=7),
        call(2, "gpt-5"),
        call(3, "house-8", **refused),
        call(4, "house-9", **none, repeats_usage="tokens"),
        call(5, "house-9", **none, agent="user_simulator"),
        call(6, "house-9", run_row("x", date(2026, 11, 10), stage="test"), **none),
        call(7, "asked", **none | {"status": "error", "error_class": "timeout"}),
    ]
    store = build({"runs": [RUN, OLD_RUN], "steps": calls})
    window = {"since": datetime.fromisoformat("2026-09-01"), "until": AS_OF}
    assert queries.run(store, "unpriced_calls", **window).rows() == [
        ("house-7", "openai", 2, 12, 2, date(2026, 9, 10), date(2026, 11, 10)),
        ("asked", "openai", 1, None, None, date(2026, 11, 10), date(2026, 11, 10)),
    ]
