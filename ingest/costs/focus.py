"""FOCUS cost and usage exports 1.0 to 1.4: what a provider bills, one line per charge.

`amount` is BilledCost; EffectiveCost and ListCost stay in the attributes and are never added to it.
A charge is known by what it is for, whatever the version, so that a month exported again replaces
what it revises.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from ingest.costs import lines
from ingest.costs.focus_charges import category, model, provider, tokens
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
IDENTITY = (
    *("BillingAccountId", "SubAccountId", "ChargeCategory", "ChargeClass", "ChargeDescription"),
    *("ServiceName", "SkuId", "SkuPriceId", "ResourceId", "ResourceName", "RegionId"),
    *("AvailabilityZone", "CommitmentDiscountId", "PricingCategory", "PricingUnit"),
    "AllocatedResourceId",
)


def accepts(sample: Sample) -> bool:
    """The six columns every version has."""
    return sample.has(*ROW)


def read(values: Iterator[Value]) -> Iterator[Read]:
    """One cost line per charge; the literal NULL of some exports is unknown."""
    number = lines.Numbered(NAME)
    for value in values:
        yield _record({k: v for k, v in value.items() if v not in lines.NOTHING}, number)


def _record(value: Value, number: lines.Numbered) -> Read:
    try:
        start, end = (lines.iso(value.get(f"ChargePeriod{x}")) for x in ("Start", "End"))
    except ValueError as error:
        return Reject("bad_value", f"the charge period cannot be read: {error}.")
    tags, kind = _tags(value), (provider(value), category(value), model(value))
    row = {
        "cost_id": number(*_facts(value, start, end, *kind, tags)),
        "period_start": start,
        "period_end": end,
        "provider": kind[0],
        "service": value.get("ServiceName"),
        "category": kind[1],
        "model": kind[2],
        "team": lines.tag(tags, "team"),
        "workflow": lines.tag(tags, "workflow"),
        "tags": tags or None,
        "quantity": value.get("ConsumedQuantity"),
        "unit": value.get("ConsumedUnit"),
        "amount": value.get("BilledCost"),
        "currency": value.get("BillingCurrency"),
        "measure": "billed",
        "source": "invoice",
        "attributes": {f"focus.{name}": str(value[name]) for name in KEPT if name in value},
    }
    return {"costs": [row | tokens(value)]}


def _facts(value: Value, start: Any, end: Any, *kind: Any) -> list[Any]:
    """What tells one charge from another; its tags do where it has no resource."""
    period = [lines.instant(time) for time in (value.get("BillingPeriodStart"), start, end)]
    told = kind[:-1] if value.get("ResourceId") else kind
    return [*period, *told, *(value.get(name) for name in IDENTITY)]


def _tags(value: Value) -> dict[str, Any]:
    """Tags of the resource, and of what its cost was allocated to, which win."""
    return lines.mapping(value.get("Tags")) | lines.mapping(value.get("AllocatedTags"))
