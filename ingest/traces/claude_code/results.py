"""The closing `result` of a command of Claude Code, and the usage that Anthropic states."""

from __future__ import annotations

from typing import Any

from ingest.fields.messages import brief
from ingest.fields.objects import as_object, member, objects
from ingest.fields.scalars import count, number, text, unsigned
from ingest.fields.usage import put_tokens
from ingest.formats import Value

Row = dict[str, Any]

AGENT = "claude-code"
COSTS = ("total_cost_usd", "total_cost", "cost_usd")


def put_usage(row: Row, usage: Value) -> None:
    """Set tokens from Anthropic's usage: its input is what no cache was used for."""
    fresh = count(usage.get("input_tokens"))
    read = count(usage.get("cache_read_input_tokens"))
    written = count(usage.get("cache_creation_input_tokens"))
    total = None if fresh is None else fresh + (read or 0) + (written or 0)
    put_tokens(row, total, count(usage.get("output_tokens")), read, written, None)


def named(run_id: str) -> Row:
    """The claim of a session that says who it is, and no more."""
    return {"run_id": run_id, "session_id": run_id, "service_name": AGENT}


def result_facts(result: Value) -> Row:
    """What a result says of its run, none of its text: status, tokens, cost in USD, counts."""
    subtype, failed = text(result.get("subtype")), result.get("is_error") is True
    facts: Row = {"termination_reason": subtype, "duration_ms": number(result.get("duration_ms"))}
    if subtype == "error_max_turns":
        facts["status"] = "timeout"
    elif failed or (subtype or "").startswith("error"):
        facts["status"] = "error"
        facts["error_message"] = brief(result.get("result") or result.get("errors"))
    elif subtype == "success":
        facts["status"] = "ok"
    costs = (unsigned(result.get(name)) for name in COSTS)
    facts["cost_usd"] = next((cost for cost in costs if cost is not None), None)
    put_usage(facts, member(result, "usage"))
    return facts | {"attributes": _attributes(result)}


def _attributes(result: Value) -> Row:
    """Counts, and what each model cost."""
    found = {
        "claude_code.num_turns": count(result.get("num_turns")),
        "claude_code.duration_api_ms": number(result.get("duration_api_ms")),
        "claude_code.permission_denials": len(objects(result.get("permission_denials"))) or None,
    }
    for model, used in member(result, "modelUsage").items():
        found[f"claude_code.cost_usd.{model}"] = number(as_object(used).get("costUSD"))
    return {k: v for k, v in found.items() if v is not None}
