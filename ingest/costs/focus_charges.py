"""What a FOCUS charge is for: its category, its model, and the provider as traces name it."""

from __future__ import annotations

from typing import Any

from ingest import hashes
from ingest.costs import meters, services
from ingest.formats import Value

CHARGES = {"tax": "tax", "credit": "credit"}
SERVICES = (
    ("bedrock", "aws.bedrock"),
    ("azure openai", "azure.ai.openai"),
    ("foundry", "azure.ai.inference"),
    ("vertex", "gcp.vertex_ai"),
    ("gemini", "gcp.gemini"),
)
PROVIDERS = (
    "ProviderName",
    "ServiceProviderName",
    "PublisherName",
    "HostProviderName",
    "InvoiceIssuerName",
)


def category(value: Value) -> str:
    """Tax and credit first, then the token class of the meter, then the kind of service."""
    charge = CHARGES.get(_word(value, "ChargeCategory"))
    if charge:
        return charge
    if _is_llm(value):
        return meters.category(token_class(value))
    if "observability" in _word(value, "ServiceSubcategory"):
        return "observability"
    return services.category(value.get("ServiceCategory"))


def model(value: Value) -> str | None:
    """The model a line names in a column of its own, in its price details, or as its resource."""
    for key in ("x_Model", "x_ModelName", "x_model"):
        if value.get(key):
            return str(value[key])
    for key, detail in _details(value).items():
        if key.lower().removeprefix("x_") in ("model", "modelname") and isinstance(detail, str):
            return detail
    if _is_llm(value) and value.get("ResourceName"):
        return str(value["ResourceName"])
    return None


def provider(value: Value) -> str | None:
    """The provider; for model calls the value traces use, so that invoice and traces meet."""
    if _is_llm(value):
        service = _word(value, "ServiceName")
        for word, name in SERVICES:
            if word in service:
                return name
    return next((str(value[c]) for c in PROVIDERS if value.get(c)), None)


def _is_llm(value: Value) -> bool:
    generative = "generative" in _word(value, "ServiceSubcategory")
    tokens = any("token" in _word(value, c) for c in ("ConsumedUnit", "PricingUnit", "SkuMeter"))
    of_ai = _word(value, "ServiceCategory") == services.AI
    named = any(value.get(k) for k in ("x_Model", "x_ModelName", "x_model"))
    bought = _word(value, "ChargeCategory") == "purchase"
    return generative or named or (tokens and of_ai and not bought)


def token_class(value: Value) -> str | None:
    """The class of token that the meter, the price details or the description speak of."""
    details = " ".join(str(d) for k, d in _details(value).items() if "token" in k.lower())
    meter = (value.get("SkuMeter"), details, value.get("x_SkuMeterName"), value.get("x_UsageType"))
    return meters.token_class(*meter, value.get("ChargeDescription"))


def tokens(value: Value) -> dict[str, int]:
    """Token columns of a charge that is consumed in tokens or in blocks of them."""
    unit = value.get("ConsumedUnit")
    if "token" not in str(unit).lower() or not _is_llm(value):
        return {}
    return meters.tokens(token_class(value), value.get("ConsumedQuantity"), meters.block(unit))


def _details(value: Value) -> dict[str, Any]:
    """SkuPriceDetails, a JSON object as text or as it is."""
    found = value.get("SkuPriceDetails")
    parsed = hashes.parse_json(found) if isinstance(found, str) else found
    return {str(k): v for k, v in parsed.items()} if isinstance(parsed, dict) else {}


def _word(value: Value, column: str) -> str:
    found = value.get(column)
    return found.strip().lower() if isinstance(found, str) else ""
