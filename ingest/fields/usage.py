"""Tokens and cost of one model call: read where they are billed, never from sums on parents."""

from __future__ import annotations

from typing import Any

from ingest.fields.objects import member
from ingest.fields.scalars import Attributes, first_count, number, text

Row = dict[str, Any]

TOKENS = (
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
    "reasoning_tokens",
)
COST = ("cost_usd", "cost_source")
COST_NAMES = (
    "gen_ai.usage.cost",
    "gen_ai.usage.total_cost",
    "gen_ai.cost.total_cost",
    "operation.cost",
    "llm.cost.total",
    "mlflow.llm.cost.total_cost",
    "cost_usd",
    "response_cost",
    "opencode.llm.cost.total",
)


def put_tokens(step: Row, *counts: int | None) -> None:
    """Set the token columns, in the order of TOKENS.

    A total smaller than its cached parts came from a source that counts them apart; they are added.
    """
    total, output, read, write, reasoning = counts
    cached = (read or 0) + (write or 0)
    if total is not None and total < cached:
        total += cached
    step.update(zip(TOKENS, (total, output, read, write, reasoning), strict=True))


def put_chat_usage(step: Row, usage: Attributes) -> None:
    """Set tokens from a usage object of the OpenAI kind, whose input includes what was cached."""
    asked = member(usage, "prompt_tokens_details") or member(usage, "input_tokens_details")
    said = member(usage, "completion_tokens_details") or member(usage, "output_tokens_details")
    found = {**usage, **asked}
    put_tokens(
        step,
        first_count(usage, "prompt_tokens", "input_tokens"),
        first_count(usage, "completion_tokens", "output_tokens"),
        first_count(found, "cached_tokens", "cache_read_input_tokens", "cache_read_tokens"),
        first_count(
            found, "cache_creation_tokens", "cache_creation_input_tokens", "cache_write_tokens"
        ),
        first_count({**usage, **said}, "reasoning_tokens"),
    )


def put_cost(step: Row, found: Attributes) -> None:
    """Set the US dollars stated by the first of the known attributes; never negative ones."""
    cost = _cost(found)
    if cost is not None and cost >= 0:
        step["cost_usd"], step["cost_source"] = cost, "reported"


def _cost(found: Attributes) -> float | None:
    currency = text(found.get("gen_ai.usage.cost.currency"))
    if currency and currency.upper() == "USD":
        return number(found.get("gen_ai.usage.cost.amount"))
    for name in COST_NAMES:
        if name in found and (cost := number(found[name])) is not None:
            return cost
    micro_usd = number(found.get("cost_usd_micros"))
    return None if micro_usd is None else micro_usd / 1_000_000
