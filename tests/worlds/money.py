"""What a workflow is charged: an invoice line a day, model and class of tokens, and hosting."""

from __future__ import annotations

import math
from collections import Counter
from datetime import date, datetime, time, timedelta
from random import Random

from store_builder import AS_OF, Rows

from worlds.homes import Home
from worlds.trail import MODEL, USD_PER_TOKEN, Row

PRICED_SINCE = date(2026, 1, 1)


def costs(dice: Random, home: Home, steps: list[Row], fixed_monthly_usd: float) -> list[Row]:
    """Invoices of every day that is over, a little off what the traces say."""
    tokens: Counter[tuple[date, str]] = Counter()
    calls: Counter[date] = Counter()
    for step in steps:
        if step["kind"] == "llm":
            day = step["run_started_at"].date()
            calls[day] += 1
            tokens[day, "input"] += step["input_tokens"]
            tokens[day, "output"] += step["output_tokens"]
    off = 1 + dice.uniform(-0.015, 0.015)
    rows = []
    for day in sorted(calls):
        if day >= AS_OF.date():
            continue
        for side in ("input", "output"):
            amount = tokens[day, side] * USD_PER_TOKEN[side] * off
            known = {f"{side}_tokens": tokens[day, side], "request_count": calls[day]}
            rows.append(_line(home, day, f"llm_{side}", amount) | known)
        rows.append(
            _line(home, day, "infra", fixed_monthly_usd / 30)
            | {"provider": "hosting", "model": None}
        )
    return rows


def _line(home: Home, day: date, category: str, amount: float) -> Row:
    start = datetime.combine(day, time())
    return {
        "cost_id": f"{home.workflow} {day} {category}",
        "period_start": start,
        "period_end": start + timedelta(days=1),
        "provider": home.provider,
        "category": category,
        "model": MODEL,
        "workflow": home.workflow,
        "amount": round(amount, 6),
        "currency": "USD",
        "cost_usd": amount,
        "measure": "billed",
        "source": "invoice",
        "is_final": True,
    }


def prices(provider: str) -> list[Row]:
    """The price list of a provider's model."""
    known = {"model": MODEL, "provider": provider, "valid_from": PRICED_SINCE}
    return [
        known | {"token_class": side, "usd_per_token": usd, "price_version": "2026-10"}
        for side, usd in USD_PER_TOKEN.items()
    ]


def spent(rows: Rows, days: int) -> float:
    """US dollars the runs of the last days cost."""
    since = AS_OF - timedelta(days=days)
    return math.fsum(run["cost_usd"] for run in rows["runs"] if run["started_at"] > since)
