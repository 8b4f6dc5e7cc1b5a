"""LiteLLM's price map (model_prices_and_context_window.json), as an own price list.

One object of all models. The map states no days: its prices hold since ever, under a version that
is the hash of its content. Prices by the token only, at the standard tier; of several regions of
one model, the entry without a region counts. Zero for both input and output is no price.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Literal

from ingest import hashes, normal
from ingest.fields.scalars import unsigned
from ingest.formats import Ignored, Read, Sample, Value

NAME = "litellm.prices"
HOLDS: Literal["whole", "part"] = "part"
RECORDS = "prices"
BASIS: Literal["files", "documentation"] = "files"
OBTAIN = "Save model_prices_and_context_window.json of the LiteLLM release that you use."

DOCUMENTATION = "sample_spec"
MODES = ("chat", "completion", "responses", "embedding")
CLASSES = {
    "input_cost_per_token": "input",
    "output_cost_per_token": "output",
    "cache_read_input_token_cost": "cache_read",
    "cache_creation_input_token_cost": "cache_write",
}
RATE = re.compile(rf"({'|'.join(CLASSES)})(?:_above_(\d+)k_tokens)?")
PROVIDERS = {
    "bedrock_converse": "bedrock",
    "bedrock_mantle": "bedrock",
    "azure_text": "azure",
    "cohere_chat": "cohere",
    "text-completion-openai": "openai",
}
FAMILY = re.compile(r"(vertex_ai|fireworks_ai)-.*")


def accepts(sample: Sample) -> bool:
    """One object of models that name their `litellm_provider`."""
    found = sample.values[0].values() if len(sample.values) == 1 else ()
    return any(isinstance(model, dict) and "litellm_provider" in model for model in found)


def read(values: Iterator[Value]) -> Iterator[Read]:
    """One price per class of tokens of every model; the rest is left out by its reason."""
    for value in values:
        content = json.dumps(value, sort_keys=True).encode()
        version = f"litellm {hashes.sha256(content)[:8]}"
        best: dict[tuple[str, str], str] = {}
        for key in sorted(value, key=lambda k: (k.count("/"), k)):
            if reason := _unused(key, value[key]):
                yield Ignored(reason)
            elif best.setdefault((_provider(value[key]), normal.model(key)), key) != key:
                yield Ignored("another region of a model")
            else:
                yield from _prices(key, value[key], version)


def _unused(key: str, entry: Any) -> str | None:
    """Why an entry gives no price, None where it does."""
    if key == DOCUMENTATION:
        return "documentation, not a model"
    if not isinstance(entry, dict) or not isinstance(entry.get("litellm_provider"), str):
        return "no model of a provider"
    if entry.get("mode") not in MODES:
        return "no model of text"
    if not (
        unsigned(entry.get("input_cost_per_token")) or unsigned(entry.get("output_cost_per_token"))
    ):
        return "no price by the token"
    return None


def _provider(entry: Value) -> str:
    name = FAMILY.sub(r"\1", entry["litellm_provider"])
    return normal.provider(PROVIDERS.get(name, name))


def _prices(key: str, entry: Value, version: str) -> Iterator[Read]:
    for name, stated in entry.items():
        rate, usd = RATE.fullmatch(name), unsigned(stated)
        if rate and usd is not None:
            row = {
                "model": key,
                "provider": _provider(entry),
                "token_class": CLASSES[rate[1]],
                "usd_per_token": usd,
                "above_tokens": int(rate[2] or 0) * 1_000,
                "valid_from": normal.ALWAYS.isoformat(),
                "price_version": version,
            }
            yield {"prices": [row]}
