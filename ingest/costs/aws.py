"""AWS cost and usage reports: CUR 2.0 and the older CUR (`lineItem/UsageType`), CSV or Parquet.

`amount` is the unblended cost of every line, discounts and refunds being lines of their own: what
is billed. Bedrock has a line per class of token, counted in thousands. A delivery rewrites the
whole month and line item ids change with it, so a line is known by what it is for. A FOCUS export
of the same bill wins.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Literal

from ingest import hashes
from ingest.costs import lines, meters
from ingest.formats import Read, Sample, Value

NAME = "aws.cur"
HOLDS: Literal["whole", "part"] = "part"
RECORDS = "costs"
BASIS: Literal["files", "documentation"] = "documentation"
OBTAIN = "AWS Billing: Data Exports, CUR 2.0 (CSV or Parquet), files under data/."

ROW = ("line_item_usage_type", "line_item_unblended_cost", "line_item_usage_start_date")
CREDITS = re.compile(r"credit|refund|discount$")
TAGGED = ("resource_tags", "cost_category", "tags")
IDENTITY = (
    *("bill_payer_account_id", "bill_billing_period_start_date", "bill_billing_entity"),
    *("bill_bill_type", "line_item_usage_account_id", "line_item_line_item_type"),
    *("line_item_usage_start_date", "line_item_usage_end_date", "line_item_product_code"),
    *("line_item_usage_type", "line_item_operation", "line_item_availability_zone"),
    *("line_item_resource_id", "line_item_iam_principal", "line_item_legal_entity"),
    *("pricing_rate_code", "pricing_term", "reservation_reservation_a_r_n"),
    *("savings_plan_savings_plan_a_r_n", "line_item_line_item_description"),
)
KEPT = (
    *("line_item_line_item_type", "line_item_usage_type", "line_item_operation"),
    *("line_item_usage_account_id", "line_item_resource_id", "bill_payer_account_id"),
    *("bill_invoice_id", "line_item_net_unblended_cost"),
)
REGION = re.compile(r"^[A-Z]{2,4}\d?-")
METER = re.compile(
    r"[-_](?:mantle[-_])?(?:input|output|cache|text|image|audio|video|batch|custom|provisioned).*$",
    re.I,
)
TELLING = 1


def accepts(sample: Sample) -> bool:
    """Usage type, unblended cost and start, in either spelling."""
    return frozenset(ROW) <= {_spelled(name) for name in sample.columns}


def read(values: Iterator[Value]) -> Iterator[Read]:
    """One cost line per line item."""
    number = lines.Numbered(NAME)
    for value in values:
        row = {_spelled(name): v for name, v in value.items()}
        facts = (lines.instant(row.get(n)) if "date" in n else row.get(n) for n in IDENTITY)
        yield {"costs": [_line(row) | {"cost_id": number(*facts)}]}


@lru_cache(maxsize=4_096)
def _spelled(name: str) -> str:
    """`lineItem/UsageType` as `line_item_usage_type`; tags keep their own names."""
    group, slash, rest = name.partition("/")
    if not slash:
        return name
    if group in ("resourceTags", "costCategory"):
        return name
    return "_".join(re.sub(r"(?<!^)(?=[A-Z])", "_", part).lower() for part in (group, rest))


def _line(row: Value) -> dict[str, Any]:
    tags = _tags(row)
    is_model = _is_model(row)
    principal, unit = row.get("line_item_iam_principal"), row.get("pricing_unit")
    found = meters.token_class(row.get("line_item_usage_type")) if is_model else None
    per = meters.block(unit) if unit else 1_000
    start = row.get("line_item_usage_start_date")
    return meters.tokens(found, row.get("line_item_usage_amount"), per) | {
        "period_start": start,
        "period_end": row.get("line_item_usage_end_date") or start,
        "provider": "aws.bedrock" if is_model else "aws",
        "service": row.get("product_product_name") or row.get("line_item_product_code"),
        "category": _category(row, is_model, found),
        "model": _model(row) if is_model else None,
        "team": lines.tag(tags, "team"),
        "workflow": lines.tag(tags, "workflow"),
        "tags": tags or None,
        "key_hash": hashes.sha256(str(principal).encode()) if principal else None,
        "quantity": lines.dollars(row.get("line_item_usage_amount")),
        "unit": unit or None,
        "amount": lines.dollars(row.get("line_item_unblended_cost")),
        "currency": row.get("line_item_currency_code") or "USD",
        "measure": "billed",
        "source": "invoice",
        "is_final": bool(row["bill_invoice_id"]) if "bill_invoice_id" in row else None,
        "attributes": lines.told(lines.kept("aws", row, KEPT), TELLING),
    }


def _is_model(row: Value) -> bool:
    product = lines.mapping(row.get("product")).get("product_name")
    names = (row.get("line_item_product_code"), row.get("product_product_name"), product)
    return any("bedrock" in str(name or "").lower() for name in names)


def _category(row: Value, is_model: bool, found: str | None) -> str:
    kind = str(row.get("line_item_line_item_type") or "").lower()
    if kind == "tax":
        return "tax"
    if CREDITS.search(kind):
        return "credit"
    if is_model:
        return meters.category(found)
    code = str(row.get("line_item_product_code") or "").lower()
    if "cloudwatch" in code or "xray" in code:
        return "observability"
    return "infra" if code.startswith(("amazon", "aws")) else "other"


def _model(row: Value) -> str | None:
    """The foundation model's own id where the line has it, else the name in the usage type."""
    resource = str(row.get("line_item_resource_id") or "")
    if "foundation-model/" in resource:
        return resource.partition("foundation-model/")[2]
    plain = REGION.sub("", str(row.get("line_item_usage_type") or ""))
    name = METER.sub("", plain)
    return name if name and name != plain else None


def _tags(row: Value) -> dict[str, Any]:
    """Tags and cost categories, from maps or from a column each."""
    found: dict[str, Any] = {}
    for name in TAGGED:
        found |= lines.mapping(row.get(name))
    for name, value in row.items():
        group, slash, tag = name.partition("/")
        if slash and group in ("resourceTags", "costCategory"):
            found[tag] = value
        elif name.startswith(("resource_tags_", "cost_category_")):
            found[re.sub(r"^(?:resource_tags|cost_category)_", "", name)] = value
    return {k: v for k, v in found.items() if v not in lines.NOTHING}
