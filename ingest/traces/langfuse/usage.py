"""Tokens and cost of one observation, from buckets whose names anybody may choose.

Langfuse's own buckets do not overlap: `input` is what is left of the input beside
`input_cached_tokens`. A provider's own names may: `prompt_tokens` and `prompt_details.*` count the
cache twice. The stated total tells which it is where the name does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from typing import Any, NamedTuple

from ingest.fields.names import snake
from ingest.fields.objects import flat
from ingest.fields.scalars import count, number

Row = dict[str, Any]

INPUT = ("input", "input_tokens", "prompt_tokens", "prompt_token_count", "input_usage", "prompt")
OUTPUT = (
    "output",
    "output_tokens",
    "completion_tokens",
    "candidates_token_count",
    "output_usage",
    "completion",
)
TOTAL = ("total", "total_tokens", "total_token_count", "total_usage")
STATED = ("prompt_tokens", "completion_tokens", "total_tokens")
DERIVED = ("input_usage", "output_usage", "total_usage")
WITHIN = re.compile(r"details?\.|^cached(?:_content)?(?:_tokens?)?(?:_count)?$")
PART = re.compile(r"_(?:5m|1h|audio|text|image|video)(?:_|$)")
INPUT_SIDE = re.compile(r"(?:input|prompt)_")
OUTPUT_SIDE = re.compile(r"(?:output|completion|candidates)_")
PRICED = ("model_id", "internal_model_id", "input_price", "output_price", "total_price")


class Tokens(NamedTuple):
    """Tokens of a model call in the order of `usage.TOKENS`; totals include their parts."""

    input: int | None
    output: int | None
    cache_read: int | None
    cache_write: int | None
    reasoning: int | None


def tokens(record: Row) -> Tokens | None:
    """The tokens of an observation; null where it states none, or nothing but zeros."""
    unit = record.get("usage", {}).get("unit") or record.get("unit") or "TOKENS"
    if str(unit).upper() != "TOKENS":
        return None
    for stated in _stated(record):
        buckets = {snake(k): n for k, v in flat(stated).items() if (n := count(v)) is not None}
        if any(buckets.values()):
            return _normal(buckets)
    return None


def _stated(record: Row) -> Iterator[Row]:
    """The buckets of the record, the most detailed ones first."""
    yield record.get("usage_details", {})
    yield record.get("usage", {})
    for names in (STATED, DERIVED):
        yield {name: record[name] for name in names if name in record}


def _normal(buckets: dict[str, int]) -> Tokens | None:
    base_in, base_out, total = (_first(buckets, names) for names in (INPUT, OUTPUT, TOTAL))
    within = base_in is not None and "input" not in buckets and "input_tokens" not in buckets
    read, write, reasoning, other_in, other_out = (
        _bucket(buckets, kind) for kind in ("read", "write", "reasoning", "input", "output")
    )
    beside_in = sum(_beside(found, within) for found in (read, write, other_in))
    beside_out = sum(_beside(found, False) for found in (reasoning, other_out))
    ways = product((beside_in, 0), (beside_out, 0))
    more_in, more_out = next(
        (w for w in ways if total == (base_in or 0) + (base_out or 0) + sum(w)),
        (beside_in, beside_out),
    )
    if base_in is base_out is None and not more_in and not more_out:
        return None
    return Tokens(
        None if base_in is None and not more_in else (base_in or 0) + more_in,
        None if base_out is None and not more_out else (base_out or 0) + more_out,
        *(sum(found.values()) if found else None for found in (read, write, reasoning)),
    )


def _first(buckets: dict[str, int], names: tuple[str, ...]) -> int | None:
    return next((buckets[name] for name in names if name in buckets), None)


def _bucket(buckets: dict[str, int], kind: str) -> dict[str, int]:
    """The buckets of a kind: one of those that mean the same, else the parts of it."""
    found = {name: n for name, n in buckets.items() if _kind(name) == kind}
    same = {name: n for name, n in found.items() if not PART.search(name)}
    if kind in ("input", "output") or not same:
        return found
    name = max(same, key=lambda n: same[n])
    return {name: same[name]}


def _kind(name: str) -> str | None:
    if name in (*INPUT, *OUTPUT, *TOTAL) or name.endswith("cost"):
        return None
    if "cache" in name:
        return "write" if "creat" in name or "write" in name else "read"
    if "reasoning" in name or "thought" in name or "thinking" in name:
        return "reasoning"
    if INPUT_SIDE.match(name):
        return "input"
    return "output" if OUTPUT_SIDE.match(name) else None


def _beside(found: dict[str, int], within: bool) -> int:
    """The tokens that the base does not hold already."""
    return 0 if within else sum(n for name, n in found.items() if not WITHIN.search(name))


def cost(record: Row) -> float | None:
    """US dollars as stated; a zero counts only where Langfuse knew a price, else it is unknown."""
    details = record.get("cost_details", {})
    parts = [number(v) or 0.0 for k, v in details.items() if k != "total" and v is not None]
    stated = [
        number(value)
        for value in (
            record.get("total_cost"),
            record.get("calculated_total_cost"),
            details.get("total"),
            sum(parts) if parts else None,
            record.get("usage", {}).get("totalCost"),
        )
    ]
    known = [c for c in stated if c is not None and c >= 0]
    if found := next((c for c in known if c > 0), None):
        return found
    return 0.0 if known and any(name in record for name in PRICED) else None
