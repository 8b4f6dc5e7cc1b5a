"""Tokens and cost as Inspect states them: input without what was cached, and a total of all."""

from __future__ import annotations

from typing import Any

from ingest.fields.scalars import count, number
from ingest.fields.usage import TOKENS, put_tokens
from ingest.formats import Value

Row = dict[str, Any]


def put_usage(holder: Row, usage: Value) -> None:
    """Set the tokens and the cost of one model call, or of a whole run."""
    read, write = (count(usage.get(f"input_tokens_cache_{kind}")) for kind in ("read", "write"))
    reasoning = count(usage.get("reasoning_tokens"))
    given, said = _sides(usage, (read or 0) + (write or 0), reasoning or 0)
    put_tokens(holder, given, said, read, write, reasoning)
    cost = number(usage.get("total_cost"))
    if cost is not None and cost >= 0:
        holder["cost_usd"] = cost


def _sides(usage: Value, cached: int, reasoning: int) -> tuple[int | None, int | None]:
    """Input with what was cached, and output with reasoning.

    Some versions and providers counted either apart and some did not: the total of the call tells.
    A total smaller than its two sides is what was billed: output is what it leaves beside input.
    """
    given, said = count(usage.get("input_tokens")), count(usage.get("output_tokens"))
    total = count(usage.get("total_tokens"))
    if given is None:
        return None, said
    if total is None or said is None:
        return given + cached, said
    if total < given + said:
        return given, max(total - given, 0)
    if total > given + said:
        given += cached
    if reasoning and total == given + said + reasoning:
        said += reasoning
    return given, said


def put_total(holder: Row, by_model: Value) -> None:
    """Set the sums over the models of a run; nothing where no model states any."""
    total: Row = {}
    for usage in by_model.values():
        row: Row = {}
        if isinstance(usage, dict):
            put_usage(row, usage)
        for name in (*TOKENS, "cost_usd"):
            if row.get(name) is not None:
                total[name] = total.get(name, 0) + row[name]
    holder.update(total)
