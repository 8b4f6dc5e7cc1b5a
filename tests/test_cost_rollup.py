"""The daily lines of spend: whose they are, which tag budgets they fall under, told once."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

import pytest
from store_builder import build, run_row, step_row

import queries

DAY = date(2026, 11, 3)
NOON = datetime.fromisoformat("2026-11-03")
BUDGETS = ("env=prod", "team:risk", "nightly", 'a.b=c"d', 'q"k:v', "n=3")
WINDOW = {
    "since": datetime.fromisoformat("2026-11-01"),
    "until": datetime.fromisoformat("2026-12-01"),
}
LIST = {"token_class": "input", "usd_per_token": 1e-6, "valid_from": date(1970, 1, 1)}


def line(usd: float, **columns: Any) -> dict[str, Any]:
    """An invoice line of one day."""
    end = datetime.fromisoformat("2026-11-04")
    told = {"provider": "openai", "source": "invoice", "category": "llm", "measure": "billed"}
    period = {"period_start": NOON, "period_end": end, "amount": usd, "cost_usd": usd}
    return {**told, **period, "currency": "USD", **columns}


def budgeted(scopes: tuple[str, ...] = BUDGETS) -> list[dict[str, Any]]:
    """A monthly budget for every tag."""
    return [
        {"scope_kind": "tag", "scope": s, "period": "month", "amount": 9, "currency": "USD"}
        for s in scopes
    ]


@pytest.mark.parametrize(
    ("tags", "scopes"),
    [
        ({"env": "prod", "team": "risk", "owner": "x"}, ["env=prod", "team:risk"]),
        ({"a.b": 'c"d', 'q"k': "v", "n": 3}, ['a.b=c"d', "n=3", 'q"k:v']),
        (["nightly", "other", None, 3], ["nightly"]),
        (["env=prod", "env=prod"], ["env=prod"]),
        ({"env": ["prod"], "nightly": None}, None),
        ({"env": "staging"}, None),
        ([], None),
        (None, None),
    ],
)
def test_a_line_carries_the_budgeted_tags(tags: Any, scopes: list[str] | None) -> None:
    stated = None if tags is None else json.dumps(tags)
    store = build({"costs": [line(2, tags=stated)], "budgets": budgeted()})
    ((found,),) = store.sql("select tags from rollup_costs").fetchall()
    assert (found and json.loads(found)) == scopes


def test_a_tag_is_asked_for_like_any_label() -> None:
    both = json.dumps({"env": "prod", "team": "risk"})
    one = json.dumps({"env": "prod"})
    costs = [line(2, tags=both), line(3, tags=one), line(4), line(5, tags='["nightly"]')]
    store = build({"costs": costs, "budgets": budgeted()}, datetime.fromisoformat("2026-11-20"))
    asked = {"as_of": datetime.fromisoformat("2026-11-20"), "by": "tag"}
    for scope, usd in (("env=prod", 5), ("team:risk", 2), ("nightly", 5)):
        told = queries.run(store, "spend_days", item=scope, **asked)
        assert told["cost_usd"].to_list() == [usd]
    assert queries.run(store, "spend_days", item="n=3", **asked).is_empty()
    assert queries.run(store, "spend_total", **WINDOW)["cost_usd"].to_list() == [14]


CALL = {"kind": "llm", "model": "gpt-5", "cost_usd": 1.0, "cost_source": "priced"}
PRICED = {"price_version": "genai-prices 0.2.3 openai"}
SOLD = {"model": "gpt-5", "provider": "openai", "price_version": "genai-prices 1.0 openai"} | LIST


@pytest.mark.parametrize(
    ("call", "invoices", "total"),
    [
        (PRICED, [{"model": "gpt-5"}], 1),
        (PRICED, [{}], 1),
        ({"price_version": "agreement, genai-prices 0.2.3 openai"}, [{}], 1),
        ({"price_version": "genai-prices 0.2.3 openai-decisions"}, [{}], 2),
        ({}, [{"model": "gpt-5"}], 1),
        ({"model": "chat", "response_model": "gpt-5"}, [{"model": "gpt-5"}], 1),
        (PRICED, [{"model": "gpt-5", "provider": "azure.ai.openai"}], 1),
        ({}, [{"model": "gpt-5"}, {"model": "gpt-5", "provider": "azure.ai.openai"}], 3),
        ({"provider": "other"} | PRICED, [{"model": "gpt-5"}], 2),
    ],
)
def test_an_invoice_and_traces_without_a_provider_are_one_dollar(
    call: dict[str, Any], invoices: list[dict[str, Any]], total: float
) -> None:
    run = run_row("r", DAY)
    rows = {
        "runs": [run],
        "steps": [step_row(run, "s", **{**CALL, **call})],
        "costs": [line(1, **invoice) for invoice in invoices],
        "prices": [SOLD],
    }
    told = queries.run(build(rows), "spend_total", **WINDOW)
    assert told["cost_usd"].to_list() == [total]


def test_a_model_sold_by_two_names_of_one_seller_stays_unknown() -> None:
    run = run_row("r", DAY)
    google = SOLD | {"price_version": "genai-prices 1.0 google"}
    sold = [google | {"provider": name} for name in ("gcp.gemini", "gcp.vertex_ai")]
    step = step_row(run, "s", **CALL, price_version="genai-prices 1.0 google")
    store = build({"runs": [run], "steps": [step], "prices": sold})
    assert store.sql("select provider from rollup_costs").fetchall() == [("unknown",)]
