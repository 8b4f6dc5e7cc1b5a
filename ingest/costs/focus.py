"""FOCUS cost and usage exports 1.0 to 1.4: what a provider bills, one line per charge.

`amount` is BilledCost; EffectiveCost and ListCost stay in the attributes and are never added to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any, Literal

from ingest import hashes
from ingest.costs.focus_charges import category, model, provider
from ingest.formats import Read, Reject, Sample, Value

NAME = "focus"
HOLDS: Literal["whole", "part"] = "part"
RECORDS = "costs"
BASIS: Literal["files", "documentation"] = "files"
OBTAIN = "Create a FOCUS data export (CSV or Parquet) in the billing console of the provider."

ROW = (
    "BilledCost",
    "EffectiveCost",
    "ChargePeriodStart",
    "ChargePeriodEnd",
    "ChargeCategory",
    "BillingCurrency",
)
KEPT = [
    "ChargeCategory",
    "ChargeClass",
    "ChargeDescription",
    "EffectiveCost",
    "ListCost",
    "ContractedCost",
    "InvoiceId",
    "InvoiceIssuerName",
    "BillingAccountId",
    "BillingPeriodStart",
    "BillingPeriodEnd",
    "SubAccountId",
    "SubAccountName",
    "ServiceCategory",
    "ServiceSubcategory",
    "PublisherName",
    "SkuId",
    "SkuMeter",
    "SkuPriceId",
    "ResourceId",
    "ResourceName",
    "RegionId",
    "PricingQuantity",
    "PricingUnit",
    "PricingCurrency",
    "PricingCurrencyEffectiveCost",
]
US_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})(?:[ T](\d{1,2}:\d{2}.*))?")


def accepts(sample: Sample) -> bool:
    """The six columns every version has."""
    return sample.has(*ROW)


def read(values: Iterator[Value]) -> Iterator[Read]:
    """One cost line per charge; the literal NULL of some exports is unknown."""
    for value in values:
        yield _record({k: v for k, v in value.items() if v is not None and v not in ("", "NULL")})


def _record(value: Value) -> Read:
    try:
        start, end = _iso(value.get("ChargePeriodStart")), _iso(value.get("ChargePeriodEnd"))
    except ValueError as error:
        return Reject("bad_value", f"the charge period cannot be read: {error}.")
    tags = _tags(value)
    row = {
        "period_start": start,
        "period_end": end,
        "provider": provider(value),
        "service": value.get("ServiceName"),
        "category": category(value),
        "model": model(value),
        "team": _tag(tags, "team"),
        "workflow": _tag(tags, "workflow"),
        "tags": tags or None,
        "quantity": value.get("ConsumedQuantity"),
        "unit": value.get("ConsumedUnit"),
        "amount": value.get("BilledCost"),
        "currency": value.get("BillingCurrency"),
        "measure": "billed",
        "source": "invoice",
        "attributes": {f"focus.{name}": str(value[name]) for name in KEPT if name in value},
    }
    return {"costs": [row]}


def _iso(value: Any) -> Any:
    """ISO text of a month/day/year date, which spreadsheets write; anything else as it is."""
    found = US_DATE.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        return value
    month, day, year = (int(found[n]) for n in (1, 2, 3))
    iso = date(year + 2000 if year < 100 else year, month, day).isoformat()
    if not found[4]:
        return iso
    hour, _, rest = found[4].partition(":")
    return f"{iso} {hour:0>2}:{rest}"


def _tags(value: Value) -> dict[str, Any]:
    """Tags of the resource, and of what its cost was allocated to, which win."""
    found: dict[str, Any] = {}
    for column in ("Tags", "AllocatedTags"):
        tags = value.get(column)
        parsed = hashes.parse_json(tags) if isinstance(tags, str) else tags
        if isinstance(parsed, list):
            parsed = {str(p[0]): p[1] for p in parsed if isinstance(p, tuple) and len(p) == 2}
        found |= parsed if isinstance(parsed, dict) else {}
    return found


def _tag(tags: dict[str, Any], name: str) -> str | None:
    """The tag of that name, whatever its case and prefix (`user:team`, `Team`)."""
    for key, tag in tags.items():
        if re.split(r"[:/]", key)[-1].lower() == name and isinstance(tag, str):
            return tag
    return None
