"""The dated list prices of models, from genai-prices, as rows of the table `prices`.

A model that the list does not know has no rows: its calls stay unpriced, never free. Prices by the
time of day are left out in favour of the price of the whole day.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import lru_cache
from importlib.metadata import version
from typing import Any, Final

from genai_prices.data_snapshot import get_snapshot
from genai_prices.types import ModelInfo, ModelPrice, StartDateConstraint, TieredPrices

Row = dict[str, Any]

SOURCE: Final = f"genai-prices {version('genai-prices')}"
ALWAYS = date(1970, 1, 1)
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
    if found is None:
        return []
    entry, seller = found
    dated = sorted(_dated(entry), key=lambda d: d[0])
    ends = [start for start, _ in dated[1:]]
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
            "source_id": SOURCE,
        }
        for (start, price), end in zip(dated, [*ends, None], strict=True)
        for token_class, above, usd_per_million in _classes(price)
    ]


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
