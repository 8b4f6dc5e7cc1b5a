"""Anthropic analytics: pages of GET /v1/organizations/analytics/cost and …/analytics/usage.

The cost is the same money as in the cost report, seen by user or product, so it is the last telling
of it: `usage_api`, billed, cents as text, after discounts (`list_amount` is before them). Usage has
no money: its lines have the amount 0 and are marked `is_unpriced`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from ingest.costs import lines
from ingest.costs.anthropic import pages
from ingest.fields.scalars import first_count
from ingest.formats import Ignored, Placed, Read, Reject, Sample, Value

NAME = "anthropic.analytics"
HOLDS: Literal["whole", "part"] = "part"
RECORDS = "costs"
BASIS: Literal["files", "documentation"] = "files"
OBTAIN = "Save GET /v1/organizations/analytics/cost (or usage) with group_by model."

TELLING = 5
PERSONAL = ("actor", "user", "email", "name", "api_key")


def accepts(sample: Sample) -> bool:
    """Buckets with a group and its cost or its usage."""
    first = next(pages.buckets(sample), {})
    facts = isinstance(first.get("cost"), dict) or isinstance(first.get("usage"), dict)
    return "starting_at" in first and "group" in first and facts


def read(values: Iterator[Value]) -> Iterator[Read]:
    """One line per group and bucket."""
    for value in values:
        groups = list(lines.records(value, "data"))
        if not groups:
            yield Ignored("empty page")
        for place, group in groups:
            yield _record(place, group)


def _record(place: str, row: Any) -> Read:
    if not isinstance(row, dict):
        return Reject("not_an_object", "a group is not an object.", place, str(row)[:500])
    group = row["group"] if isinstance(row.get("group"), dict) else {}
    facts = {k: v for k, v in group.items() if not any(p in k.lower() for p in PERSONAL)}
    attributes = lines.kept("anthropic", facts, facts)
    cost, usage = row.get("cost"), row.get("usage")
    start, end = row.get("starting_at"), row.get("ending_at")
    kind = "cost" if isinstance(cost, dict) else "usage"
    line = {
        "cost_id": lines.line_id(NAME, kind, start, end, group),
        "period_start": start,
        "period_end": end or start,
        "provider": "anthropic",
        "category": "llm",
        "model": group.get("model"),
        "source": "usage_api",
    }
    if isinstance(cost, dict):
        line |= _money(cost, attributes)
    elif isinstance(usage, dict):
        line |= _counts(usage) | lines.usage_only(attributes)
    else:
        return Reject("missing", "the group has neither cost nor usage.", place)
    return Placed({"costs": [line]}, place)


def _money(cost: Value, attributes: dict[str, Any]) -> dict[str, Any]:
    listed = pages.cents(cost.get("list_amount"))
    known = attributes | ({"anthropic.list_usd": listed} if listed else {})
    return {
        "amount": pages.cents(cost.get("amount")),
        "currency": cost.get("currency") or "USD",
        "measure": "billed",
        "request_count": first_count(cost, "requests"),
        "attributes": lines.told(known, TELLING),
    }


def _counts(usage: Value) -> dict[str, Any]:
    created = usage.get("cache_creation")
    written = list(created.values()) if isinstance(created, dict) else []
    counts = pages.token_counts(
        usage.get("uncached_input_tokens"),
        written,
        usage.get("cache_read_input_tokens"),
        usage.get("output_tokens"),
    )
    return counts | {"request_count": first_count(usage, "requests")}
