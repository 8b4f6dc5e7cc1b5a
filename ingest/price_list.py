"""The dated list prices of models, from genai-prices, as rows of the table `prices`.

A model that the list does not know has no rows: its calls stay unpriced, never free. Prices by the
time of day are left out in favour of the price of the whole day. `checked_on` is the newest day on
which the list says that somebody checked the model's price, else any price of its seller.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from functools import lru_cache
from importlib.metadata import version
from typing import Any, Final

from genai_prices.data_snapshot import get_snapshot
from genai_prices.types import ModelInfo, ModelPrice, StartDateConstraint, TieredPrices

from ingest import normal
from ingest.normal import ALWAYS

Row = dict[str, Any]

SOURCE: Final = f"genai-prices {version('genai-prices')}"
CLASSES = {
    "input": "input_mtok",
    "output": "output_mtok",
    "cache_read": "cache_read_mtok",
    "cache_write": "cache_write_mtok",
}
LISTED = {
    "azure.ai.openai": "azure",
    "azure.ai.inference": "azure",
    "aws.bedrock": "aws",
    "gcp.gemini": "google",
    "gcp.vertex_ai": "google",
    "gcp.gen_ai": "google",
    "x_ai": "x-ai",
    "mistral_ai": "mistral",
    "moonshot_ai": "moonshotai",
    "together_ai": "together",
    "fireworks_ai": "fireworks",
}
SOLD_AS = {seller: name for name, seller in reversed(LISTED.items())}
CHECKED = re.compile(r"\b(?:checked|verified)(?: on)? (\d{4}-\d\d-\d\d)\b")
SELF_HOSTED = frozenset("ollama vllm lm_studio lmstudio llamafile llama.cpp xinference tgi".split())


@lru_cache(maxsize=4_096)
def listed(model: str, provider: str | None) -> tuple[ModelInfo, str] | None:
    """The list's entry of a model and the provider whose price it is; a gateway's name and no
    name leave it to the model. What runs on one's own machines has no list price."""
    if provider in SELF_HOSTED:
        return None
    known = LISTED.get(provider or "", provider)
    for name in (known, None) if known else (None,):
        try:
            seller, entry = get_snapshot().find_provider_model(model, None, name, None)
        except LookupError:
            if name in {p.id for p in get_snapshot().providers}:
                return None
            continue
        return entry, seller.id
    return None


def rates(model: str, provider: str | None) -> list[Row]:
    """Rows of `prices` for one model of one provider, US dollars a token, oldest first."""
    found = listed(model, provider)
    return _rows(model, provider, *found) if found else []


@lru_cache(maxsize=64)
def catalogue(provider: str) -> tuple[Row, ...]:
    """Rows of `prices` for every model that the list has of a provider, by the names that calls
    carry; none where the list does not know the provider."""
    known = {seller.id: seller.models for seller in get_snapshot().providers}
    seller, named = LISTED.get(provider, provider), dict[str, ModelInfo]()
    for entry in known.get(seller, ()):
        name = normal.model(entry.id)
        if entry.is_match(name):
            named.setdefault(name, entry)
    return tuple(r for name, entry in named.items() for r in _rows(name, provider, entry, seller))


def seller_of(model: str, provider: str | None) -> str | None:
    """The provider whose list a call's price comes from: its own, else who sells the model."""
    if provider:
        return provider
    found = listed(model, None)
    return SOLD_AS.get(found[1], found[1]) if found else None


def _rows(model: str, provider: str | None, entry: ModelInfo, seller: str) -> list[Row]:
    dated = sorted(_dated(entry), key=lambda d: d[0])
    ends = [start for start, _ in dated[1:]]
    checked_on = _newest_check([entry.price_comments]) or _checked(seller)
    return [
        {
            "model": model,
            "provider": provider,
            "token_class": token_class,
            "usd_per_token": float(usd_per_million / 1_000_000),
            "above_tokens": above,
            "valid_from": start,
            "valid_to": end,
            "price_version": f"{SOURCE} {seller}",
            "checked_on": checked_on,
            "source_id": SOURCE,
        }
        for (start, price), end in zip(dated, [*ends, None], strict=True)
        for token_class, above, usd_per_million in _classes(price)
    ]


@lru_cache
def _checked(seller: str) -> date | None:
    found = (p for p in get_snapshot().providers if p.id == seller)
    return max(
        filter(None, (_newest_check(m.price_comments for m in p.models) for p in found)),
        default=None,
    )


def _newest_check(comments: Iterable[str | None]) -> date | None:
    days = [day for words in comments for day in CHECKED.findall(words or "")]
    return date.fromisoformat(max(days)) if days else None


def _dated(entry: ModelInfo) -> Iterator[tuple[date, ModelPrice]]:
    if isinstance(entry.prices, ModelPrice):
        yield ALWAYS, entry.prices
        return
    for conditional in entry.prices:
        if conditional.constraint is None:
            yield ALWAYS, conditional.prices
        elif isinstance(conditional.constraint, StartDateConstraint):
            yield conditional.constraint.start_date, conditional.prices


def _classes(price: ModelPrice) -> Iterator[tuple[str, int, Decimal]]:
    """Every class with the input tokens above which its rate holds, for all tokens of the call."""
    for token_class, field in CLASSES.items():
        rate = getattr(price, field)
        if isinstance(rate, TieredPrices):
            yield token_class, 0, rate.base
            yield from ((token_class, tier.start, tier.price) for tier in rate.tiers)
        elif rate is not None:
            yield token_class, 0, rate
