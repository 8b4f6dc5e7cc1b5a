"""OpenAI usage: pages of GET /v1/organization/usage/… and the usage tables its dashboard exports.

Requests and tokens, no money: such a line has the amount 0, is marked `is_unpriced` and has no
`cost_usd`. Input tokens include those read from and written to the cache.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from ingest.costs import lines
from ingest.costs.openai import pages
from ingest.fields.scalars import first_count
from ingest.formats import Placed, Read, Sample, Value

NAME = "openai.usage"
HOLDS: Literal["whole", "part"] = "part"
RECORDS = "costs"
BASIS: Literal["files", "documentation"] = "files"
OBTAIN = (
    "OpenAI: Usage, Export (CSV); or save GET /v1/organization/usage/completions"
    " (embeddings, images, …) with group_by model and project_id."
)

TABLE = ("start_time_iso", "num_model_requests")
KIND = "organization.usage."
OF_MODELS = frozenset({"completions", "embeddings", "moderations"})
COUNTED = (
    ("images", "images"),
    ("characters", "characters"),
    ("seconds", "seconds"),
    ("usage_bytes", "bytes"),
    ("num_sessions", "sessions"),
    ("num_requests", "requests"),
)
KEPT = (
    *("project_id", "project_name", "batch", "service_tier", "size", "source"),
    *("input_audio_tokens", "output_audio_tokens", "input_image_tokens", "output_image_tokens"),
)
KEY = (
    *("project_id", "user_id", "api_key_id", "model", "batch", "service_tier", "size", "source"),
    "vector_store_id",
)


def accepts(sample: Sample) -> bool:
    """The columns of the table, or pages whose first result counts usage."""
    table = sample.has(*TABLE) and "amount_value" not in sample.columns
    return table or pages.holds(sample, KIND)


def read(values: Iterator[Value]) -> Iterator[Read]:
    """One line without money per result."""
    yield from pages.read(values, NAME, _record)


def _record(place: str, row: Value, numbered: lines.Numbered) -> Read:
    kind = str(row.get("object") or f"{KIND}completions.").removeprefix(KIND).split(".")[0]
    period = pages.period(row)
    key = [row.get(name) for name in KEY]
    line = period | _counts(row) | lines.usage_only(lines.kept("openai", row, KEPT))
    line |= {
        "cost_id": numbered(kind, *map(lines.instant, period.values()), *key),
        "provider": "openai",
        "service": kind,
        "category": "llm" if kind in OF_MODELS else "api",
        "model": row.get("model") or None,
        "tags": pages.project(row),
        "key_hash": pages.key_hash(row),
        "source": "usage_api",
    }
    return Placed({"costs": [line]}, place)


def _counts(row: Value) -> dict[str, Any]:
    counted = next(((row[n], unit) for n, unit in COUNTED if row.get(n)), (None, None))
    return {
        "request_count": first_count(row, "num_model_requests", "num_requests"),
        "input_tokens": first_count(row, "input_tokens"),
        "output_tokens": first_count(row, "output_tokens"),
        "cache_read_tokens": first_count(row, "input_cached_tokens"),
        "cache_write_tokens": first_count(row, "input_cache_write_tokens"),
        "quantity": counted[0],
        "unit": counted[1],
    }
