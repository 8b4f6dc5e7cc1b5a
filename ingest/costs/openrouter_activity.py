"""OpenRouter activity: GET /api/v1/activity, one row a day, model and endpoint.

`usage` is what OpenRouter charged, in US dollars: `usage_api`, billed; it wins over the log of
single generations. `byok_usage_inference` was paid to the provider itself and is not in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from ingest.costs import lines
from ingest.fields.scalars import first_count
from ingest.formats import Ignored, Placed, Read, Reject, Sample, Value

NAME = "openrouter.activity"
HOLDS: Literal["whole", "part"] = "part"
RECORDS = "costs"
BASIS: Literal["files", "documentation"] = "documentation"
OBTAIN = "Save GET /api/v1/activity of OpenRouter, with a provisioning key."

ROW = ("date", "model", "usage", "requests", "prompt_tokens", "completion_tokens", "provider_name")
KEPT = ("provider_name", "model", "endpoint_id", "byok_usage_inference")


def accepts(sample: Sample) -> bool:
    """Rows of a day, at the top or under `data`."""
    return sample.has(*ROW) or sample.under("data").has(*ROW)


def read(values: Iterator[Value]) -> Iterator[Read]:
    """One cost line per row."""
    for value in values:
        rows = list(lines.records(value, "data"))
        if not rows:
            yield Ignored("empty page")
        for place, row in rows:
            if isinstance(row, dict):
                yield Placed({"costs": [_line(row)]}, place)
            else:
                yield Reject("not_an_object", "a row is not an object.", place, str(row)[:500])


def _line(row: Value) -> dict[str, Any]:
    day = str(row.get("date") or "")[:10]
    model = row.get("model_permaslug") or row.get("model")
    key = (day, model, row.get("endpoint_id"), row.get("provider_name"))
    return {
        "cost_id": lines.line_id(NAME, *key),
        "period_start": day,
        "period_end": lines.day_after(day),
        "provider": "openrouter",
        "category": "llm",
        "model": model,
        "request_count": first_count(row, "requests"),
        "input_tokens": first_count(row, "prompt_tokens"),
        "output_tokens": first_count(row, "completion_tokens"),
        "reasoning_tokens": first_count(row, "reasoning_tokens"),
        "amount": lines.dollars(row.get("usage")),
        "currency": "USD",
        "measure": "billed",
        "source": "usage_api",
        "attributes": lines.kept("openrouter", row, KEPT),
    }
