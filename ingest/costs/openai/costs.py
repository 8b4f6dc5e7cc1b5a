"""OpenAI costs: pages of GET /v1/organization/costs and the cost table its dashboard exports.

What OpenAI itself bills, in US dollars (`usd`), revised for some days: `usage_api`, billed. A later
export replaces a line, whichever of the two it came from; days without cost are rows without an
amount. Totals beside their parts tell the same money: a line carries how far it is broken down.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from ingest.costs import lines, meters
from ingest.costs.openai import pages
from ingest.formats import Ignored, Placed, Read, Sample, Value

NAME = "openai.costs"
HOLDS: Literal["whole", "part"] = "part"
RECORDS = "costs"
BASIS: Literal["files", "documentation"] = "files"
OBTAIN = (
    "OpenAI: Usage, Costs, Export (CSV); or save GET /v1/organization/costs"
    " with group_by line_item and project_id."
)

TABLE = ("start_time_iso", "amount_value", "amount_currency")
KEPT = ("line_item", "project_id", "project_name", "organization_id", "api_source")


def accepts(sample: Sample) -> bool:
    """The three columns of the table, or pages whose first result is a cost."""
    return sample.has(*TABLE) or pages.holds(sample, "organization.costs.result")


def read(values: Iterator[Value]) -> Iterator[Read]:
    """One cost line per result."""
    yield from pages.read(values, NAME, _record)


def _record(place: str, row: Value, numbered: lines.Numbered) -> Read:
    amount = row.get("amount")
    if isinstance(amount, dict):
        row = row | {"amount_value": amount.get("value"), "amount_currency": amount.get("currency")}
    stated = lines.dollars(row.get("amount_value"))
    if stated is None:
        return Ignored("no cost in the bucket")
    line = pages.period(row) | _meter(row)
    line |= {
        "cost_id": numbered(*_identity(row, line["period_start"])),
        "provider": "openai",
        "tags": pages.project(row),
        "key_hash": pages.key_hash(row),
        "amount": stated,
        "currency": row.get("amount_currency") or "USD",
        "measure": "billed",
        "source": "usage_api",
        "attributes": lines.told(lines.kept("openai", row, KEPT), _telling(row)),
    }
    return Placed({"costs": [line]}, place)


def _meter(row: Value) -> dict[str, Any]:
    """Model, category, quantity and tokens of a line item such as `gpt-5-2026-08-07, input`."""
    item, unit = str(row.get("line_item") or ""), row.get("quantity_unit")
    model, comma, sku = item.rpartition(", ")
    counted = "token" in str(unit or sku).lower() or meters.token_class(sku) is not None
    found = meters.token_class(sku) if counted else None
    in_tokens = meters.tokens(found, row.get("quantity") or None, meters.block(unit))
    return in_tokens | {
        "category": meters.category(found, "llm" if comma or not item else "api"),
        "model": model or None,
        "service": None if comma else item or None,
        "quantity": lines.dollars(row.get("quantity")),
        "unit": unit or None,
    }


def _identity(row: Value, start: Any) -> list[Any]:
    """Bucket, line item, project, user and key; a total without a project is the organization's."""
    project = row.get("project_id")
    who = [row.get(name) for name in ("user_id", "api_key_id", "api_source")]
    organization = None if project else row.get("organization_id")
    return [lines.instant(start), row.get("line_item"), project, *who, organization]


def _telling(row: Value) -> int:
    """0 for a line by line item and project; the total of all is the last resort."""
    return 3 - 2 * bool(row.get("line_item")) - bool(row.get("project_id"))
