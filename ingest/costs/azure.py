"""Azure cost exports (cost and usage details) of Microsoft customer and enterprise agreements.

What Azure bills: one line a day, meter and resource. Headers differ in case, tags have no braces,
`Quantity` counts in the unit of measure (1K tokens). Every export holds the month from its start,
so a line is known by what it is for and a later export replaces it. A FOCUS export of the same bill
wins. Actual and amortized cost agree on every line but those of reservations: load one of the two.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal

from ingest.costs import lines, meters, services
from ingest.formats import Read, Reject, Sample, Value

NAME = "azure.cost"
HOLDS: Literal["whole", "part"] = "part"
RECORDS = "costs"
BASIS: Literal["files", "documentation"] = "documentation"
OBTAIN = "Azure Cost Management: Exports, Cost and usage details (CSV or Parquet)."

METERS = frozenset({"metercategory", "metername", "unitofmeasure"})
COSTS = ("costinbillingcurrency", "cost", "pretaxcost")
CURRENCIES = ("billingcurrencycode", "billingcurrency", "currency")
DAYS = ("date", "usagedatetime", "usagedate")
IDENTITY = (
    *("billingaccountid", "billingprofileid", "invoicesectionid", "subscriptionid", "product"),
    *("subscriptionguid", "resourcegroup", "resourceid", "instanceid", "meterid", "metername"),
    *("chargetype", "frequency", "partnumber", "term", "pricingmodel", "reservationid"),
    *("benefitid", "productorderid", "publishername", "additionalinfo", "unitprice"),
)
KEPT = (
    *("metercategory", "metersubcategory", "metername", "chargetype", "subscriptionid"),
    *("subscriptionname", "resourcegroup", "resourcegroupname", "resourceid", "resourcelocation"),
    *("costcenter", "pricingmodel", "reservationid", "paygcostinbillingcurrency"),
)
MODELS = ("openai", "foundry", "azure ai", "cognitive")
CUT = re.compile(
    r"\b(?:cached|cchd|cd|inp\w*|input|outp\w*|output|opt|tokens?|glbl|gl|regnl|dz\w*|batch)\b.*",
    re.I,
)
TELLING = 1


def accepts(sample: Sample) -> bool:
    """The meter and its quantity, whatever the case of the header, and no FOCUS cost."""
    names = {name.strip().lower() for name in sample.columns}
    counted = {"quantity", "usagequantity"} & names
    return bool(names >= METERS and counted and names & set(COSTS)) and "billedcost" not in names


def read(values: Iterator[Value]) -> Iterator[Read]:
    """One cost line per row."""
    number = lines.Numbered(NAME)
    for value in values:
        yield _record({k.strip().lower(): v for k, v in value.items()}, number)


def _record(row: Value, number: lines.Numbered) -> Read:
    try:
        day = lines.iso(_first(row, DAYS))
    except ValueError as error:
        return Reject("bad_value", f"the date cannot be read: {error}.")
    tags = _tags(row.get("tags"))
    quantity, unit = row.get("quantity", row.get("usagequantity")), row.get("unitofmeasure")
    found = _token_class(row)
    line = meters.tokens(found, quantity, meters.block(unit)) | {
        "cost_id": number(lines.instant(day), *(row.get(name) for name in IDENTITY)),
        "period_start": day,
        "period_end": lines.day_after(day),
        "service": row.get("metercategory") or None,
        "team": lines.tag(tags, "team"),
        "workflow": lines.tag(tags, "workflow"),
        "tags": tags or None,
        "quantity": lines.dollars(quantity),
        "unit": unit or None,
        "source": "invoice",
    }
    return {"costs": [line | _kind(row, found) | _money(row)]}


def _money(row: Value) -> dict[str, Any]:
    """Usage that a reservation has paid for costs something in amortized exports only."""
    stated = lines.dollars(_first(row, COSTS))
    covered = bool(row.get("reservationid") or row.get("benefitid"))
    used = str(row.get("chargetype") or "").lower() != "purchase"
    amortized = covered and used and lines.exact(stated) not in (None, 0)
    return {
        "amount": stated,
        "currency": _first(row, CURRENCIES) or "USD",
        "cost_usd": lines.dollars(row.get("costinusd")),
        "measure": "effective" if amortized else "billed",
        "attributes": lines.told(lines.kept("azure", row, KEPT), TELLING),
    }


def _kind(row: Value, found: str | None) -> dict[str, Any]:
    """Provider, category and model; for model calls the provider is the one traces name."""
    charge = str(row.get("chargetype") or "").lower()
    provider, model = "azure", None
    category = services.category(row.get("servicefamily"), row.get("metercategory"))
    if _is_model(row):
        named = _words(row, "metercategory", "metersubcategory", "product", "productname")
        provider = "azure.ai.openai" if "openai" in named else "azure.ai.inference"
        category, model = meters.category(found), _model(row)
    if charge in ("tax", "refund", "credit"):
        category = "tax" if charge == "tax" else "credit"
    return {"provider": provider, "category": category, "model": model}


def _is_model(row: Value) -> bool:
    named = _words(row, "metercategory", "metersubcategory", "product", "productname")
    of_ai = any(word in named for word in MODELS)
    return of_ai and ("token" in _words(row, "metername") or "openai" in named)


def _token_class(row: Value) -> str | None:
    return meters.token_class(row.get("metername")) if _is_model(row) else None


def _model(row: Value) -> str | None:
    """What the meter calls the model: `gpt 4o 0806 Inp glbl Tokens` is `gpt-4o-0806`."""
    name = CUT.sub("", str(row.get("metername") or "")).strip(" -")
    return re.sub(r"\s+", "-", name.lower()) or None


def _tags(value: Any) -> dict[str, Any]:
    """Tags, a JSON object whose outer braces may be missing."""
    if isinstance(value, str) and value.strip().startswith('"'):
        value = f"{{{value}}}"
    return {k: v for k, v in lines.mapping(value).items() if v not in lines.NOTHING}


def _words(row: Value, *names: str) -> str:
    return " ".join(str(row.get(name) or "") for name in names).lower()


def _first(row: Value, names: tuple[str, ...]) -> Any:
    return next((row[n] for n in names if row.get(n) not in lines.NOTHING), None)
