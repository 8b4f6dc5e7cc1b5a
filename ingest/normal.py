"""One spelling for what sources spell in many ways: models, providers, durations, errors, money."""

from __future__ import annotations

from typing import Any

import orjson

from ingest.errors import classify

Row = dict[str, Any]

PROVIDERS = {
    "az.ai.openai": "azure.ai.openai",
    "azure": "azure.ai.openai",
    "gemini": "gcp.gemini",
    "google": "gcp.gemini",
    "vertex_ai": "gcp.vertex_ai",
    "xai": "x_ai",
    "bedrock": "aws.bedrock",
    "mistral": "mistral_ai",
    "amazon web services": "aws",
    "microsoft": "azure",
    "google cloud": "gcp",
}


def provider(name: str) -> str:
    """The OpenTelemetry `gen_ai.provider.name` value of a provider."""
    folded = name.strip().lower()
    return PROVIDERS.get(folded, folded)


def model(name: str) -> str:
    """Lower case without the provider prefix; a dated suffix stays."""
    return name.strip().lower().rsplit("/", 1)[-1]


def step(row: Row) -> None:
    """Spell a step's model and provider, time it from its ends, sort its error into a class."""
    for name in ("model", "response_model"):
        if row.get(name):
            row[name] = model(row[name])
    if row.get("provider"):
        row["provider"] = provider(row["provider"])
    start, end = row.get("started_at"), row.get("ended_at")
    if start is not None and end is not None:
        row["duration_ms"] = max(end - start, 0) / 1_000
    failed = row["status"] == "error" or row["in_band_error"]
    if failed and row.get("error_class") is None:
        row["error_class"] = classify(row.get("error_type"), row.get("http_status"))
    if row.get("cost_usd") is not None and row.get("cost_source") is None:
        row["cost_source"] = "reported"


def cost(row: Row, given: Row) -> None:
    """Spell a cost line's provider and model; keep the text of an amount that was rounded."""
    if row.get("provider"):
        row["provider"] = provider(row["provider"])
    if row.get("model"):
        row["model"] = model(row["model"])
    if row.get("currency"):
        row["currency"] = row["currency"].upper()
    attributes = orjson.loads(row["attributes"])
    unpriced = attributes.get("is_unpriced") is True
    if row.get("amount") is None:
        return
    if row.get("cost_usd") is None and row.get("currency") == "USD" and not unpriced:
        row["cost_usd"] = float(row["amount"])
    stated = str(given.get("amount")).strip()
    if len(stated.partition(".")[2]) > 18 or "e" in stated.lower():
        row["attributes"] = orjson.dumps(attributes | {"amount_text": stated}).decode()
