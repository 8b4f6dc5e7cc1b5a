"""Google Cloud billing exports from BigQuery: JSON lines, Parquet, or CSV with flat columns.

`cost` is before credits: the amount is cost plus credits, one line a row, both kept as attributes.
Corrections are rows of their own, later by `export_time`, and are added; a row exported again is
the same line. Numbers may be text. A FOCUS export of the same bill wins.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Literal

from ingest.costs import lines, meters, services
from ingest.formats import Read, Sample, Value

NAME = "gcp.billing"
HOLDS: Literal["whole", "part"] = "part"
RECORDS = "costs"
BASIS: Literal["files", "documentation"] = "documentation"
OBTAIN = (
    "Google Cloud: export the BigQuery table gcp_billing_export_v1_… or …_resource_v1_…"
    " as JSON or Parquet (`bq extract`)."
)

ROW = ("billing_account_id", "service", "sku", "usage", "cost")
GROUPS = ("service", "sku", "usage", "project", "location", "invoice", "resource", "price")
PROVIDERS = (
    ("vertex", "gcp.vertex_ai"),
    ("gemini", "gcp.gemini"),
    ("generative language", "gcp.gemini"),
)
MODELS = re.compile(
    r"gemini|claude|llama|mistral|gemma|palm|bison|embedding|imagen|veo|caching|token", re.I
)
NAMED = re.compile(
    r"gemini [\d.]+(?: (?:flash[ -]lite|flash|pro|ultra|nano))?|claude [\w. ]+?(?= -|$)", re.I
)
SERVICES = (
    ("observability", ("logging", "monitoring", "trace")),
    ("infra", ("compute", "storage", "sql", "run", "kubernetes", "bigquery", "network", "pub/sub")),
)
TELLING = 1


def accepts(sample: Sample) -> bool:
    """The account, service, SKU, usage and cost of a row, nested or flattened."""
    names = frozenset(re.split(r"[._](?=id$|description$|amount$)", n)[0] for n in sample.columns)
    return frozenset(ROW) <= names | sample.columns and "BilledCost" not in sample.columns


def read(values: Iterator[Value]) -> Iterator[Read]:
    """One cost line per row, net of its credits."""
    number = lines.Numbered(NAME)
    for value in values:
        row = {k: lines.parsed(v) for k, v in value.items()}
        yield {"costs": [_line(row | {g: _group(row, g) for g in GROUPS}, number)]}


def _group(row: Value, name: str) -> dict[str, Any]:
    """A nested record, or the flat columns of it (`sku.id`, `sku_id`)."""
    found = row.get(name)
    if isinstance(found, dict):
        return found
    prefix = re.compile(rf"{name}[._](.+)")
    return {m[1]: v for key, v in row.items() if (m := prefix.fullmatch(key))}


def _line(row: Value, number: lines.Numbered) -> dict[str, Any]:
    service, sku, usage = row["service"], row["sku"], row["usage"]
    tags = _tags(row)
    words = str(sku.get("description") or "")
    provider = _provider(service, words)
    is_model = provider != "gcp"
    start = row.get("usage_start_time")
    found = meters.token_class(words) if is_model else None
    return _tokens(words, found, usage) | {
        **_money(row, number),
        "period_start": start,
        "period_end": row.get("usage_end_time") or start,
        "provider": provider,
        "service": service.get("description"),
        "category": _category(row, is_model, found),
        "model": _model(words) if is_model else None,
        "team": lines.tag(tags, "team"),
        "workflow": lines.tag(tags, "workflow"),
        "tags": tags or None,
        "quantity": lines.dollars(usage.get("amount")),
        "unit": usage.get("unit") or None,
        "record_at": row.get("export_time") or None,
    }


def _money(row: Value, number: lines.Numbered) -> dict[str, Any]:
    """Cost plus credits; in US dollars too, by the rate the row states."""
    credits = [lines.exact(c.get("amount")) for c in _items(row.get("credits"))]
    cost, off = lines.exact(row.get("cost")), sum((c for c in credits if c is not None), Decimal(0))
    net = None if cost is None else format(lines.WIDE.add(cost, off), "f")
    rate = lines.exact(row.get("currency_conversion_rate"))
    facts = lines.kept("gcp", _facts(row), _facts(row))
    facts |= {"gcp.cost": str(row.get("cost"))} | ({"gcp.credits": str(off)} if credits else {})
    return {
        "cost_id": number(net, *map(lines.instant, _facts(row).values()), *map(str, credits)),
        "amount": net if cost is not None else row.get("cost"),
        "currency": row.get("currency") or "USD",
        "cost_usd": float(Decimal(net) / rate) if net is not None and rate else None,
        "measure": "billed",
        "source": "invoice",
        "attributes": lines.told(facts, TELLING),
    }


def _facts(row: Value) -> dict[str, Any]:
    """What tells one row from another."""
    return {
        "billing_account_id": row.get("billing_account_id"),
        "project_id": row["project"].get("id"),
        "service_id": row["service"].get("id"),
        "sku_id": row["sku"].get("id"),
        "sku": row["sku"].get("description"),
        "usage_start_time": row.get("usage_start_time"),
        "usage_amount": row["usage"].get("amount"),
        "region": row["location"].get("region"),
        "resource": row["resource"].get("name"),
        "invoice_month": row["invoice"].get("month"),
        "cost_type": row.get("cost_type"),
        "export_time": row.get("export_time"),
    }


def _provider(service: dict[str, Any], sku: str) -> str:
    named = str(service.get("description") or "").lower()
    for word, name in PROVIDERS:
        if word in named and (name == "gcp.gemini" or MODELS.search(sku)):
            return name
    return "gcp"


def _category(row: Value, is_model: bool, found: str | None) -> str:
    if row.get("cost_type") == "tax":
        return "tax"
    if is_model:
        return meters.category(found)
    named = str(row["service"].get("description") or "").lower()
    known = next((name for name, words in SERVICES if any(w in named for w in words)), None)
    return known or ("api" if "vertex" in named else services.category("", named))


def _tokens(sku: str, found: str | None, usage: dict[str, Any]) -> dict[str, int]:
    """Gemini counts tokens since 2.0, characters before; other meters say that they count them."""
    counts_tokens = "token" in f"{sku} {usage.get('unit')}".lower()
    since_two = re.search(r"gemini ([2-9]|\d\d)", sku, re.I)
    return meters.tokens(found, usage.get("amount")) if counts_tokens or since_two else {}


def _model(sku: str) -> str | None:
    named = NAMED.search(sku)
    return re.sub(r"\s+", "-", named[0].strip().lower()) if named else None


def _tags(row: Value) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in ("labels", "tags"):
        for item in _items(row.get(name)):
            if item.get("key") and item.get("value") not in lines.NOTHING:
                found[str(item["key"])] = item["value"]
    return found


def _items(value: Any) -> list[dict[str, Any]]:
    """A repeated record, plain or as the list of elements that Parquet exports write."""
    listed = value.get("list") if isinstance(value, dict) else lines.parsed(value)
    found = listed if isinstance(listed, list) else []
    plain = [i.get("element", i) if isinstance(i, dict) else i for i in found]
    return [i for i in plain if isinstance(i, dict)]
