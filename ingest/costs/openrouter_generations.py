"""OpenRouter generations: the CSV of its Activity page and GET /api/v1/generation, one a request.

The router's own log of what it charged, in US dollars: `gateway_log`, billed. Both name a
generation by the same id, the response id that traces have. What was paid to the provider with
one's own key is not in the cost.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from ingest.costs import lines
from ingest.fields.scalars import first_count, first_text, first_value
from ingest.formats import Ignored, Placed, Read, Reject, Sample, Value

NAME = "openrouter.generations"
HOLDS: Literal["whole", "part"] = "part"
RECORDS = "costs"
BASIS: Literal["files", "documentation"] = "documentation"
OBTAIN = "OpenRouter: Activity, Export (CSV); or save GET /api/v1/generation?id=… of each."

TABLE = ("generation_id", "created_at", "cost_total")
GENERATION = ("id", "created_at", "total_cost", "native_tokens_prompt")
KEPT = (
    *("provider_name", "app_name", "api_key_name", "variant", "finish_reason", "streamed"),
    *("finish_reason_normalized", "cancelled", "is_byok", "byok_usage_inference", "cost_cache"),
    *("cost_web_search", "cost_file_processing", "cache_discount", "upstream_inference_cost"),
)


def accepts(sample: Sample) -> bool:
    """The id, time and cost of a generation: a table, or objects plain or under `data`."""
    inner = [v["data"] for v in sample.values if isinstance(v.get("data"), dict)]
    objects = sample.has(*GENERATION) or sample.under("data").has(*GENERATION)
    return sample.has(*TABLE) or objects or any(set(GENERATION) <= set(v) for v in inner[:1])


def read(values: Iterator[Value]) -> Iterator[Read]:
    """One cost line per generation."""
    for value in values:
        single = value.get("data")
        rows = (
            [("data", single)] if isinstance(single, dict) else list(lines.records(value, "data"))
        )
        if not rows:
            yield Ignored("empty page")
        for place, row in rows:
            yield _record(place, row)


def _record(place: str, row: Any) -> Read:
    found = first_text(row, "generation_id", "id") if isinstance(row, dict) else None
    if found is None:
        return Reject("missing", "the generation has no id.", place)
    line = {
        "cost_id": f"openrouter:{found}",
        "response_id": found,
        "period_start": row.get("created_at"),
        "period_end": row.get("created_at"),
        "provider": "openrouter",
        "category": "llm",
        "model": first_text(row, "model_permaslug", "model"),
        "request_count": 1,
        **_tokens(row),
        "amount": lines.dollars(first_value(row, "cost_total", "total_cost", "usage")),
        "currency": "USD",
        "measure": "billed",
        "source": "gateway_log",
        "attributes": lines.kept("openrouter", row, KEPT),
    }
    return Placed({"costs": [line]}, place)


def _tokens(row: Value) -> dict[str, int | None]:
    """The provider's own counts, which are billed, before OpenRouter's normalised ones."""
    names = {
        "input_tokens": ("native_tokens_prompt", "tokens_prompt"),
        "output_tokens": ("native_tokens_completion", "tokens_completion"),
        "cache_read_tokens": ("native_tokens_cached", "tokens_cached"),
        "reasoning_tokens": ("native_tokens_reasoning", "tokens_reasoning"),
    }
    return {column: first_count(row, *found) for column, found in names.items()}
