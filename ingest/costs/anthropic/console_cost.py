"""The cost table of the Claude Console: one row a day, model, key and class of token.

`cost_usd` is in dollars, rounded to cents, so the cost report of the same day wins over it:
`usage_api`, billed. Models have display names, which become those of the API.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from ingest.costs import lines, meters
from ingest.costs.anthropic import pages
from ingest.formats import Read, Sample, Value

NAME = "anthropic.console.cost"
HOLDS: Literal["whole", "part"] = "part"
RECORDS = "costs"
BASIS: Literal["files", "documentation"] = "files"
OBTAIN = "Claude Console: Cost, Export (CSV)."

ROW = ("usage_date_utc", "token_type", "cost_usd")
FACTS = (
    *("workspace", "usage_type", "context_window", "token_type", "cost_type", "inference_geo"),
    "speed",
)
TELLING = 4


def accepts(sample: Sample) -> bool:
    """The day, the class of token and the dollars."""
    return sample.has(*ROW)


def read(values: Iterator[Value]) -> Iterator[Read]:
    """One cost line per row."""
    numbered = lines.Numbered(NAME)
    for value in values:
        yield {"costs": [_line(value, numbered)]}


def _line(row: Value, numbered: lines.Numbered) -> dict[str, object]:
    day, key = row.get("usage_date_utc"), row.get("api_key_id") or row.get("api_key")
    found = meters.token_class(row.get("token_type"))
    of_model = found is not None or str(row.get("cost_type") or "token").startswith("token")
    facts = [row.get(name) for name in FACTS]
    return {
        "cost_id": numbered(day, row.get("model"), key, *facts),
        "period_start": day,
        "period_end": lines.day_after(day),
        "provider": "anthropic",
        "category": meters.category(found) if of_model else "api",
        "model": pages.slug(row.get("model")),
        "key_hash": pages.hashed(key),
        "amount": lines.dollars(row.get("cost_usd")),
        "currency": "USD",
        "measure": "billed",
        "source": "usage_api",
        "attributes": lines.told(lines.kept("anthropic", row, (*FACTS, "list_price_usd")), TELLING),
    }
