"""Calls without a cost are priced as the public list prices them, unless an own list says so."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from conftest import ingest
from genai_prices import Usage, calc_price
from hypothesis import given
from hypothesis import strategies as st
from tables import content, rows, unbalanced

from ingest.price_list import CLASSES, LISTED, rates

DAY = datetime(2026, 5, 4, 12, tzinfo=UTC)
CALLS: list[dict[str, Any]] = [
    {"model": "gpt-5-mini", "provider": "openai", "input_tokens": 1_000, "output_tokens": 200},
    {"model": "openai/gpt-5-mini", "input_tokens": 1_000, "output_tokens": 200},
    {
        "model": "claude-sonnet-4-20250514",
        "provider": "anthropic",
        "input_tokens": 9_000,
        "output_tokens": 50,
        "cache_read_tokens": 4_000,
        "cache_write_tokens": 3_000,
    },
    {"model": "gemini-2.5-pro", "provider": "gemini", "input_tokens": 200_000, "output_tokens": 9},
    {"model": "gemini-2.5-pro", "provider": "gemini", "input_tokens": 200_001, "output_tokens": 9},
    {"model": "asked", "response_model": "gpt-4o", "input_tokens": 10, "output_tokens": 10},
]
UNPRICED: list[dict[str, Any]] = [
    {"model": "house-model-7", "input_tokens": 10, "output_tokens": 10},
    {"model": "gpt-4o", "provider": "ollama", "input_tokens": 10, "output_tokens": 10},
    {"model": "gpt-4o", "provider": "openai", "input_tokens": 10},
    {"model": "gpt-4o", "provider": "openai"},
]


def steps(folder: Path, calls: list[dict[str, Any]], name: str = "steps.jsonl") -> Path:
    """A file of model calls, one run, numbered."""
    begun = DAY.isoformat()
    fixed = {"run_id": "r", "kind": "llm", "name": "chat", "started_at": begun, "ended_at": begun}
    lines = [json.dumps(fixed | {"step_id": f"s{n}"} | call) for n, call in enumerate(calls)]
    path = folder / name
    path.write_text("\n".join(lines))
    return path


def costs(store: Path) -> list[tuple[Any, ...]]:
    return rows(store, "select cost_usd, cost_source, price_version from steps order by step_id")


def test_a_call_costs_what_the_public_list_says(tmp_path: Path) -> None:
    ingest(steps(tmp_path, CALLS), "--store", tmp_path / "store")
    for call, (cost, source, version) in zip(CALLS, costs(tmp_path / "store"), strict=True):
        usage = Usage(**{k: v for k, v in call.items() if k.endswith("_tokens")})
        known = {"openai": "openai", "anthropic": "anthropic", "gemini": "google"}
        expected = calc_price(
            usage,
            call.get("response_model", call["model"].removeprefix("openai/")),
            provider_id=known.get(call.get("provider", "")),
            genai_request_timestamp=DAY,
        )
        assert cost == pytest.approx(float(expected.total_price), rel=1e-12)
        assert source == "priced"
        assert version.startswith("genai-prices ")
    assert not unbalanced(tmp_path / "store")


def test_what_nobody_prices_stays_unpriced_and_is_never_free(tmp_path: Path) -> None:
    ingest(steps(tmp_path, UNPRICED), "--store", tmp_path / "store")
    assert costs(tmp_path / "store") == [(None, None, None)] * len(UNPRICED)
    assert rows(tmp_path / "store", "select cost_usd, cost_source from runs") == [(None, None)]


def test_a_stated_cost_is_kept(tmp_path: Path) -> None:
    stated = [CALLS[0] | {"cost_usd": 0.5}, CALLS[0]]
    ingest(steps(tmp_path, stated), "--store", tmp_path / "store")
    assert costs(tmp_path / "store")[0][:2] == (0.5, "reported")
    assert rows(tmp_path / "store", "select cost_source from runs") == [("mixed",)]


SOLD = [
    ("gpt-4o", "openai"),
    ("o3", "openai"),
    ("gemini-2.5-pro", "gcp.gemini"),
    ("claude-3-5-haiku-20241022", "anthropic"),
    ("mistral-large-latest", "mistral_ai"),
]
OWN = """model,token_class,usd_per_token,valid_from,price_version
openai/GPT-5-mini,input,0.001,2026-01-01,agreement 2026
openai/GPT-5-mini,input,0.002,2026-06-01,agreement 2026
house-model-7,input,0.01,2026-01-01,agreement 2026
house-model-7,output,0.02,2026-01-01,agreement 2026
"""


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_an_own_price_list_wins_whenever_it_comes(tmp_path: Path, order: tuple[int, ...]) -> None:
    (tmp_path / "prices.csv").write_text(OWN)
    files = (steps(tmp_path, [CALLS[0], UNPRICED[0]]), tmp_path / "prices.csv")
    for place in order:
        ingest(files[place], "--store", tmp_path / "store")
    listed = 200 * 2 / 1e6
    found = costs(tmp_path / "store")
    assert [c[0] for c in found] == [pytest.approx(1_000 * 0.001 + listed), pytest.approx(0.3)]
    assert found[0][2].startswith("agreement 2026, genai-prices ")
    assert found[1][2] == "agreement 2026"


def test_a_price_listed_for_one_provider_prices_no_other(tmp_path: Path) -> None:
    tokens = {"input_tokens": 10, "output_tokens": 10}
    calls = [{"model": "gpt-4o"}, {"model": "gpt-4o", "provider": "ollama"}]
    ingest(steps(tmp_path, [call | tokens for call in calls]), "--store", tmp_path / "store")
    assert [source for _, source, _ in costs(tmp_path / "store")] == ["priced", None]


def test_an_own_price_of_the_model_asked_for_goes_before_the_list_of_the_one_that_answered(
    tmp_path: Path,
) -> None:
    (tmp_path / "prices.csv").write_text(OWN)
    call = {"model": "house-model-7", "response_model": "gpt-4o", "input_tokens": 10}
    path = steps(tmp_path, [call | {"output_tokens": 10}])
    ingest(path, tmp_path / "prices.csv", "--store", tmp_path / "store")
    assert costs(tmp_path / "store") == [(pytest.approx(0.3), "priced", "agreement 2026")]


def test_the_order_of_loading_changes_no_price(tmp_path: Path) -> None:
    (tmp_path / "prices.csv").write_text(OWN)
    again = [CALLS[0] | {"error_message": "late", "cost_usd": 0.5}]
    files = [
        steps(tmp_path, CALLS[:3] + UNPRICED[:1]),
        steps(tmp_path, again, "again.jsonl"),
        tmp_path / "prices.csv",
    ]
    for name, order in (("one", files), ("two", files[::-1])):
        for path in order:
            ingest(path, "--store", tmp_path / name)
    assert content(tmp_path / "one") == content(tmp_path / "two")


@given(
    st.sampled_from(SOLD),
    st.dates(datetime(2024, 1, 1, tzinfo=UTC).date(), datetime(2027, 1, 1, tzinfo=UTC).date()),
)
def test_the_rates_are_those_of_the_list_on_any_day(sold: tuple[str, str], day: Any) -> None:
    model, provider = sold
    held = {
        (r["token_class"], r["above_tokens"]): r["usd_per_token"]
        for r in rates(model, provider)
        if r["valid_from"] <= day and (r["valid_to"] is None or day < r["valid_to"])
    }
    at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    listed = calc_price(
        Usage(input_tokens=1, output_tokens=1),
        model,
        provider_id=LISTED.get(provider, provider),
        genai_request_timestamp=at,
    ).model_price
    for token_class, field in CLASSES.items():
        price = getattr(listed, field)
        base = getattr(price, "base", price)
        expected = None if base is None else pytest.approx(float(base) / 1e6)
        assert held.get((token_class, 0)) == expected
