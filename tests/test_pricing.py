"""Calls without a cost are priced as the public list prices them, unless an own list says so."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import ingest
from genai_prices import Usage, calc_price
from hypothesis import given
from hypothesis import strategies as st
from loading import put, unjudged
from tables import content, rows, unbalanced

from ingest.price_list import CLASSES, LISTED, catalogue, rates
from ingest.repricing import reprice
from ingest.store.generations import Store

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
    put(tmp_path / "store", steps(tmp_path, CALLS))
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
    put(tmp_path / "store", steps(tmp_path, UNPRICED))
    assert costs(tmp_path / "store") == [(None, None, None)] * len(UNPRICED)
    assert rows(tmp_path / "store", "select cost_usd, cost_source from runs") == [(None, None)]


def test_a_stated_cost_is_kept(tmp_path: Path) -> None:
    stated = [CALLS[0] | {"cost_usd": 0.5}, CALLS[0]]
    put(tmp_path / "store", steps(tmp_path, stated))
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
        put(tmp_path / "store", files[place])
    listed = 200 * 2 / 1e6
    found = costs(tmp_path / "store")
    assert [c[0] for c in found] == [pytest.approx(1_000 * 0.001 + listed), pytest.approx(0.3)]
    assert found[0][2].startswith("agreement 2026, genai-prices ")
    assert found[1][2] == "agreement 2026"


def test_a_price_listed_for_one_provider_prices_no_other(tmp_path: Path) -> None:
    tokens = {"input_tokens": 10, "output_tokens": 10}
    calls = [{"model": "gpt-4o"}, {"model": "gpt-4o", "provider": "ollama"}]
    put(tmp_path / "store", steps(tmp_path, [call | tokens for call in calls]))
    assert [source for _, source, _ in costs(tmp_path / "store")] == ["priced", None]


def test_an_own_price_of_the_model_asked_for_goes_before_the_list_of_the_one_that_answered(
    tmp_path: Path,
) -> None:
    (tmp_path / "prices.csv").write_text(OWN)
    call = {"model": "house-model-7", "response_model": "gpt-4o", "input_tokens": 10}
    path = steps(tmp_path, [call | {"output_tokens": 10}])
    put(tmp_path / "store", path, tmp_path / "prices.csv")
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
            put(tmp_path / name, path)
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


def test_a_price_list_holds_every_model_of_the_sellers_in_the_data(tmp_path: Path) -> None:
    store = tmp_path / "store"
    stated = {"model": "gpt-5-mini", "provider": "openai", "cost_usd": 0.5}
    nameless = {"model": "claude-sonnet-4-5", "input_tokens": 10, "output_tokens": 10}
    put(store, steps(tmp_path, [stated, nameless]))
    sold = set(rows(store, "select distinct model, provider from prices"))
    assert {("gpt-5", "openai"), ("gpt-4o", "openai"), ("claude-haiku-4-5", "anthropic")} <= sold
    assert {provider for _, provider in sold} == {"openai", "anthropic", None}
    assert ("claude-sonnet-4-5", None) in sold
    assert {r["model"] for r in catalogue("openai")} == {m for m, p in sold if p == "openai"}


def test_a_price_says_when_it_was_last_checked(tmp_path: Path) -> None:
    store = tmp_path / "store"
    (tmp_path / "prices.csv").write_text(OWN)
    put(store, steps(tmp_path, CALLS[:1]), tmp_path / "prices.csv")
    own = rows(store, "select bool_and(checked_on = valid_from) from prices where provider is null")
    assert own == [(True,)]
    newest = rows(store, "select max(checked_on) from prices where provider = 'openai'")[0][0]
    assert newest == max(r["checked_on"] for r in catalogue("openai"))
    assert rates("gpt-5-mini", "ollama") == []


def again(store: Path) -> tuple[int, float, float]:
    """How many calls a repricing changed, from how much to how much."""
    return reprice(Store(store), unjudged, print).calls[1:]


def in_force(store: Path) -> duckdb.DuckDBPyConnection:
    """The generation in force, to write in it as another version would have."""
    return duckdb.connect(store / (store / "CURRENT").read_text("utf-8").strip())


def test_repricing_brings_every_priced_call_to_the_present_list(tmp_path: Path) -> None:
    store = tmp_path / "store"
    calls = [CALLS[0], CALLS[0] | {"cost_usd": 0.5}, UNPRICED[0]]
    put(store, steps(tmp_path, calls))
    fresh, right = content(store), costs(store)[0][0]
    assert again(store) == (0, 0, 0)
    assert content(store) == fresh
    with in_force(store) as stale:
        stale.execute("""
            update steps set cost_usd = 9, price_version = 'genai-prices 0.0.1 openai'
            where cost_source = 'priced'
        """)
    assert again(store) == (1, 9, pytest.approx(right))
    assert content(store) == fresh
    assert not unbalanced(store)


def test_the_command_says_what_repricing_changed(tmp_path: Path) -> None:
    store = tmp_path / "store"
    put(store, steps(tmp_path, CALLS[:1]))
    with in_force(store) as stale:
        stale.execute("update steps set cost_usd = 9")
    assert ingest("--reprice", "--store", store).stdout.splitlines() == [
        "1 calls are priced; the cost of 1 changed from $9.000000 to $0.000650.",
        "Published generation 2, data to 4 May 2026, 12:00 UTC.",
    ]
    told = json.loads(ingest("--reprice", "--store", store, "--progress", "json").stdout)
    assert (told["event"], told["priced"], told["changed"], told["generation"]) == ("done", 1, 0, 3)


def test_a_call_whose_price_no_list_has_any_more_is_unpriced(tmp_path: Path) -> None:
    store = tmp_path / "store"
    (tmp_path / "prices.csv").write_text(OWN)
    put(store, steps(tmp_path, [UNPRICED[0]]), tmp_path / "prices.csv")
    with in_force(store) as stale:
        stale.execute("delete from prices where model = 'house-model-7'")
    again(store)
    assert costs(store) == [(None, None, None)]
    assert rows(store, "select cost_usd, cost_source from runs") == [(None, None)]


def test_repricing_needs_a_store_and_no_paths(tmp_path: Path) -> None:
    missing = ingest("--reprice", "--store", tmp_path / "store", expect=2)
    assert "nothing is loaded yet" in missing.stderr
    both = ingest("--reprice", tmp_path, "--store", tmp_path / "store", expect=2)
    assert "--reprice takes no paths" in both.stderr


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_two_own_lists_the_newest_wins(tmp_path: Path, order: tuple[int, ...]) -> None:
    store = tmp_path / "store"
    call = steps(tmp_path, [UNPRICED[0]])
    for number, (name, usd) in enumerate([("b first", 0.01), ("a second", 0.03)]):
        path = tmp_path / f"{number}.csv"
        path.write_text(
            "model,token_class,usd_per_token,valid_from,price_version\n"
            f"house-model-7,input,{usd},2026-01-01,{name}\n"
            f"house-model-7,output,{usd},2026-01-01,{name}\n"
        )
        os.utime(path, (1_790_000_000 + number,) * 2)
    put(store, call, tmp_path / f"{order[0]}.csv")
    put(store, tmp_path / f"{order[1]}.csv")
    assert costs(store) == [(pytest.approx(0.6), "priced", "a second")]


def test_a_price_table_of_an_older_version_is_completed(tmp_path: Path) -> None:
    store = tmp_path / "store"
    (tmp_path / "prices.csv").write_text(OWN)
    put(store, steps(tmp_path, CALLS[:1]), tmp_path / "prices.csv")
    with in_force(store) as old:
        for name in ("above_tokens", "checked_on", "record_at"):
            old.execute(f"alter table prices drop column {name}")
    put(store, steps(tmp_path, CALLS[:2], "more.jsonl"))
    own = "from prices where price_version = 'agreement 2026'"
    assert rows(store, f"select distinct above_tokens, checked_on {own}") == [(0, None)]


def test_a_store_that_cannot_be_completed_says_what_to_do(tmp_path: Path) -> None:
    store = tmp_path / "store"
    put(store, steps(tmp_path, CALLS[:1]))
    with in_force(store) as old:
        old.execute("alter table prices drop column price_version")
    refused = ingest(steps(tmp_path, CALLS[:2], "more.jsonl"), "--store", store, expect=2)
    assert refused.stderr.strip() == (
        "prices: this store is of an older version, whose rows have no price_version."
        " Load its files into a new store (--store)."
    )
