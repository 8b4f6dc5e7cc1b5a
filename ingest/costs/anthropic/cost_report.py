"""Anthropic cost report: pages of GET /v1/organizations/cost_report.

What Anthropic itself bills: `usage_api`, billed. `amount` is a decimal text in cents: "123.456" is
1.23456 dollars. Priority tier is not in it. It wins over Console tables and analytics of a day.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from ingest.costs import lines, meters
from ingest.costs.anthropic import pages
from ingest.formats import Placed, Read, Sample, Value

NAME = "anthropic.cost_report"
HOLDS: Literal["whole", "part"] = "part"
RECORDS = "costs"
BASIS: Literal["files", "documentation"] = "files"
OBTAIN = "Save GET /v1/organizations/cost_report with group_by workspace_id and description."

FACTS = (
    *("workspace_id", "description", "cost_type", "model", "context_window", "service_tier"),
    *("token_type", "inference_geo", "speed"),
)
TOKENS = ("tokens", "token", None)


def accepts(sample: Sample) -> bool:
    """Buckets of results with an amount and a currency."""
    return pages.holds(sample, "amount", "currency")


def read(values: Iterator[Value]) -> Iterator[Read]:
    """One cost line per result."""
    yield from pages.read(values, NAME, _record)


def _record(place: str, row: Value, numbered: lines.Numbered) -> Read:
    start, end = row["starting_at"], row["ending_at"]
    of_model = row.get("cost_type") in TOKENS
    found = meters.token_class(row.get("token_type"), row.get("description"))
    grouped = row["grouped"]
    telling = 3 - 2 * ("description" in grouped) - ("workspace_id" in grouped)
    line = {
        "cost_id": numbered(*map(lines.instant, (start, end)), *(row.get(f) for f in FACTS)),
        "period_start": start,
        "period_end": end or start,
        "provider": "anthropic",
        "category": meters.category(found) if of_model else "api",
        "model": row.get("model"),
        "amount": pages.cents(row.get("amount")),
        "currency": row.get("currency"),
        "measure": "billed",
        "source": "usage_api",
        "attributes": lines.told(lines.kept("anthropic", row, FACTS), telling),
    }
    return Placed({"costs": [line]}, place)
