"""One spelling for what sources spell in many ways: models, providers, durations, errors, money."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import orjson

from ingest.errors import classify

Row = dict[str, Any]

PROVIDERS = {
    "az.ai.inference": "azure.ai.inference",
    "az.ai.openai": "azure.ai.openai",
    "azure": "azure.ai.openai",
    "azure_ai": "azure.ai.inference",
    "microsoft": "azure.ai.openai",
    "gemini": "gcp.gemini",
    "google": "gcp.gemini",
    "vertex_ai": "gcp.vertex_ai",
    "vertex_ai_beta": "gcp.vertex_ai",
    "xai": "x_ai",
    "bedrock": "aws.bedrock",
    "mistral": "mistral_ai",
    "watsonx": "ibm.watsonx.ai",
    "amazon web services": "aws",
    "google cloud": "gcp",
}
LONGEST_MS = 1e11
LONGEST_PERIOD_US = 3_660 * 86_400_000_000
CURRENCY = re.compile("[A-Z]{3}")
ALWAYS = date(1970, 1, 1)
CLOUDS = {"azure": "azure", "microsoft": "azure", "google": "gcp"}


def provider(name: str) -> str:
    """The OpenTelemetry `gen_ai.provider.name` value of a provider of model calls."""
    folded = name.strip().lower()
    return PROVIDERS.get(folded, folded)


def biller(name: str, category: str | None) -> str:
    """The provider of a cost line; a cloud is the provider of its models for model calls only."""
    cloud = CLOUDS.get(name.strip().lower())
    return cloud if cloud and not (category or "").startswith("llm") else provider(name)


def model(name: str) -> str:
    """Lower case without the provider prefix; a dated suffix stays."""
    return name.strip().lower().rsplit("/", 1)[-1]


def step(row: Row) -> None:
    """Spell model and provider, time a step by its ends or end it by its time, class its error."""
    for name in ("model", "response_model"):
        if row.get(name):
            row[name] = model(row[name])
    if row.get("provider"):
        row["provider"] = provider(row["provider"])
    start, end = row.get("started_at"), row.get("ended_at")
    if start is not None and end is not None:
        row["duration_ms"] = max(end - start, 0) / 1_000
    elif start is not None and 0 < (row.get("duration_ms") or 0) <= LONGEST_MS:
        row["ended_at"] = start + round(row["duration_ms"] * 1_000)
    failed = row["status"] == "error" or row["in_band_error"]
    if failed and row.get("error_class") is None:
        row["error_class"] = classify(row.get("error_type"), row.get("http_status"))
    if row.get("cost_usd") is not None and row.get("cost_source") is None:
        row["cost_source"] = "reported"


def price(row: Row) -> None:
    """Spell a price's model and provider as those of steps are; who states a price has checked it
    on the day it holds from, unless another day is stated."""
    if row.get("model"):
        row["model"] = model(row["model"])
    if row.get("provider"):
        row["provider"] = provider(row["provider"])
    begins = row.get("valid_from")
    if row.get("checked_on") is None and begins != ALWAYS:
        row["checked_on"] = begins


def currency(row: Row) -> None:
    """Spell a currency as ISO 4217 does; ValueError when it is no code of three letters."""
    stated = row.get("currency")
    if stated:
        row["currency"] = stated.strip().upper()
        if not CURRENCY.fullmatch(row["currency"]):
            raise ValueError(f"currency: '{stated[:60]}' is no code of three letters as in EUR")


def cost(row: Row, given: Row) -> None:
    """Spell a cost line's provider and model; keep the text of an amount that was rounded.

    ValueError when the attributes are no JSON object, the currency is no code of three letters, or
    the period is longer than ten years.
    """
    if row.get("provider"):
        row["provider"] = biller(row["provider"], row.get("category"))
    if row.get("model"):
        row["model"] = model(row["model"])
    currency(row)
    if (row.get("period_end") or 0) - (row.get("period_start") or 0) > LONGEST_PERIOD_US:
        raise ValueError("period_end: more than ten years after period_start")
    attributes = orjson.loads(row["attributes"] or "{}")
    if not isinstance(attributes, dict):
        raise ValueError("attributes: not a JSON object")
    unpriced = attributes.get("is_unpriced") is True
    if row.get("amount") is None:
        return
    if row.get("cost_usd") is None and row.get("currency") == "USD" and not unpriced:
        row["cost_usd"] = float(row["amount"])
    stated = str(given.get("amount")).strip()
    if len(stated.partition(".")[2]) > 18 or "e" in stated.lower():
        row["attributes"] = orjson.dumps(attributes | {"amount_text": stated}).decode()
