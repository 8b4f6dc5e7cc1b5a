"""Anthropic usage: pages of GET /v1/organizations/usage_report/messages, the Console's usage table.

Tokens, no money: such a line has the amount 0, is marked `is_unpriced` and has no `cost_usd`. Input
tokens are stated apart from the cache; here they include it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from ingest.costs import lines
from ingest.costs.anthropic import pages
from ingest.formats import Placed, Read, Sample, Value

NAME = "anthropic.usage_report"
HOLDS: Literal["whole", "part"] = "part"
RECORDS = "costs"
BASIS: Literal["files", "documentation"] = "files"
OBTAIN = (
    "Claude Console: Usage, Export (CSV); or save GET /v1/organizations/usage_report/messages"
    " with group_by model and api_key_id."
)

TABLE = ("usage_date_utc", "model_version", "usage_input_tokens_no_cache", "usage_output_tokens")
FACTS = (
    *("workspace_id", "workspace", "service_tier", "usage_type", "context_window"),
    *("inference_geo", "speed"),
)


def accepts(sample: Sample) -> bool:
    """The columns of the table, or buckets of results with uncached input tokens."""
    return sample.has(*TABLE) or pages.holds(sample, "uncached_input_tokens")


def read(values: Iterator[Value]) -> Iterator[Read]:
    """One line without money per result or row."""
    of_table = lines.Numbered(NAME)
    for value in values:
        if "usage_date_utc" in value:
            yield {"costs": [_line(_of_table(value), of_table)]}
        else:
            yield from pages.read(iter([value]), NAME, _result)


def _result(place: str, row: Value, numbered: lines.Numbered) -> Read:
    created, tools = row.get("cache_creation"), row.get("server_tool_use")
    facts = {
        "written": list(created.values()) if isinstance(created, dict) else [],
        "key": row.get("api_key_id"),
        "searches": tools.get("web_search_requests") if isinstance(tools, dict) else None,
    }
    return Placed({"costs": [_line(row | facts, numbered)]}, place)


def _of_table(row: Value) -> Value:
    """A row of the table under the names of the API."""
    day, prefix = row.get("usage_date_utc"), "usage_input_tokens_"
    return row | {
        "starting_at": day,
        "ending_at": lines.day_after(day),
        "model": row.get("model_version"),
        "key": row.get("api_key"),
        "uncached_input_tokens": row.get(f"{prefix}no_cache"),
        "written": [v for k, v in row.items() if k.startswith(f"{prefix}cache_write")],
        "cache_read_input_tokens": row.get(f"{prefix}cache_read"),
        "output_tokens": row.get("usage_output_tokens"),
        "searches": row.get("web_search_count"),
    }


def _line(row: Value, numbered: lines.Numbered) -> dict[str, Any]:
    start, end = row["starting_at"], row["ending_at"]
    key, model, searches = row["key"], row.get("model"), lines.count(row["searches"])
    counts = pages.token_counts(
        row.get("uncached_input_tokens"),
        row["written"],
        row.get("cache_read_input_tokens"),
        row.get("output_tokens"),
    )
    facts = lines.kept("anthropic", row, FACTS)
    if searches:
        facts["anthropic.web_searches"] = searches
    return {
        "cost_id": numbered(
            *map(lines.instant, (start, end)), model, key, *(row.get(f) for f in FACTS)
        ),
        "period_start": start,
        "period_end": end or start,
        "provider": "anthropic",
        "category": "llm",
        "model": model,
        "key_hash": pages.hashed(key),
        "source": "usage_api",
        **counts,
        **lines.usage_only(facts),
    }
