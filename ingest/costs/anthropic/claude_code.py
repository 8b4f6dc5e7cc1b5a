"""Claude Code report: pages of GET /v1/organizations/usage_report/claude_code.

One line a day, person and model. The cost is what the client estimates, in cents, and part of what
the cost report bills: `client_log`, estimated, so that the bill of the same day wins. People are
hashed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from ingest.costs import lines
from ingest.costs.anthropic import pages
from ingest.formats import Ignored, Placed, Read, Reject, Sample, Value

NAME = "anthropic.claude_code_report"
HOLDS: Literal["whole", "part"] = "part"
RECORDS = "costs"
BASIS: Literal["files", "documentation"] = "files"
OBTAIN = "Save GET /v1/organizations/usage_report/claude_code for every day."

ROW = ("core_metrics", "model_breakdown", "actor")
KEPT = ("customer_type", "subscription_type", "terminal_type", "organization_id")


def accepts(sample: Sample) -> bool:
    """Records of a person's day, at the top or under `data`."""
    return sample.container == "json" and (sample.has(*ROW) or sample.under("data").has(*ROW))


def read(values: Iterator[Value]) -> Iterator[Read]:
    """One cost line per person, day and model; a day without a model call is left out."""
    for value in values:
        days = list(lines.records(value, "data"))
        if not days:
            yield Ignored("empty page")
        for place, day in days:
            yield from _day(place, day)


def _day(place: str, day: Any) -> Iterator[Read]:
    models = day.get("model_breakdown") if isinstance(day, dict) else None
    if not isinstance(models, list):
        yield Reject("not_a_day", "the record lists no models.", place)
        return
    if not models:
        yield Ignored("no model call")
    for number, found in enumerate(models):
        at = f"{place}.model_breakdown[{number}]".lstrip(".")
        if isinstance(found, dict):
            yield Placed({"costs": [_line(day, found)]}, at)
        else:
            yield Reject("not_an_object", "a model is not an object.", at)


def _line(day: Value, used: Value) -> dict[str, Any]:
    actor, cost = _under(day, "actor"), _under(used, "estimated_cost")
    tokens = _under(used, "tokens")
    who = actor.get("email_address") or actor.get("api_key_name")
    facts = [day.get(name) for name in (*KEPT, "date")]
    written = [tokens.get("cache_creation")]
    counts = pages.token_counts(
        tokens.get("input"), written, tokens.get("cache_read"), tokens.get("output")
    )
    return {
        "cost_id": lines.line_id(NAME, who, used.get("model"), *facts),
        "period_start": day.get("date"),
        "period_end": lines.day_after(day.get("date")),
        "provider": "anthropic",
        "service": "Claude Code",
        "category": "llm",
        "model": used.get("model"),
        "key_hash": pages.hashed(who),
        **counts,
        "amount": pages.cents(cost.get("amount")),
        "currency": cost.get("currency") or "USD",
        "measure": "estimated",
        "source": "client_log",
        "attributes": lines.kept("anthropic", day, KEPT),
    }


def _under(value: Value, key: str) -> Value:
    found = value.get(key)
    return found if isinstance(found, dict) else {}
