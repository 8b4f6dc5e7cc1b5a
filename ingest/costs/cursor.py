"""Cursor usage events: the CSV of its dashboard, the event lists of dashboard and Admin API.

One line a model call: `usage_api`. What was charged is billed; what a plan included is worth its
stated cost, so that is effective. A word instead of a cost (`Included`, `Free`) states no money:
the line has the amount 0 and is marked `is_unpriced`. Input is stated apart from the cache.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from ingest import hashes
from ingest.costs import lines
from ingest.formats import Ignored, Placed, Read, Reject, Sample, Value

NAME = "cursor.usage_events"
HOLDS: Literal["whole", "part"] = "part"
RECORDS = "costs"
BASIS: Literal["files", "documentation"] = "documentation"
OBTAIN = (
    "Cursor: Dashboard, Usage, Export CSV; or save POST /teams/filtered-usage-events"
    " of the Admin API."
)

WRITTEN, UNCACHED = "Input (w/ Cache Write)", "Input (w/o Cache Write)"
TABLE = ("Date", "Model", WRITTEN, UNCACHED, "Cache Read", "Output Tokens")
LISTS = ("usageEvents", "usageEventsDisplay")
CHARGED = ("Cost to you", "Cost ($)", "Cost")
KINDS = (("not charged", "no charge", "errored", "aborted"), ("included", "free", "trial"))
CENTS = -2


def accepts(sample: Sample) -> bool:
    """The columns of the table, or a list of events with their models."""
    listed = any(sample.under(name).has("timestamp", "model") for name in LISTS)
    events = sample.has("timestamp", "model", "tokenUsage", "kind")
    return sample.has(*TABLE) or listed or events


def read(values: Iterator[Value]) -> Iterator[Read]:
    """One cost line per event."""
    number = lines.Numbered(NAME)
    for value in values:
        if "Date" in value:
            yield {"costs": [_row(value, number)]}
            continue
        events = list(lines.records(value, *LISTS))
        if not events:
            yield Ignored("empty page")
        for place, event in events:
            if isinstance(event, dict):
                yield Placed({"costs": [_event(event, number)]}, place)
            else:
                yield Reject("not_an_object", "an event is no object.", place)


def _row(row: Value, number: lines.Numbered) -> dict[str, Any]:
    counts = _counts(row)
    kind = str(row.get("Kind") or "")
    stated = next((row[name] for name in CHARGED if row.get(name) not in (None, "", "-")), None)
    facts = {"kind": kind, "max_mode": row.get("Max Mode"), "cost": row.get("Cost")}
    line = _line(lines.instant(row.get("Date")), row.get("Model"), counts, number)
    return line | _money(stated, 0, kind, facts, row.get("User"))


def _counts(row: Value) -> tuple[int, ...]:
    """Uncached, written, read and made; a total that says so makes the first part of the second."""
    names = (UNCACHED, WRITTEN, "Cache Read", "Output Tokens", "Total Tokens")
    uncached, written, hit, made, total = (lines.count(row.get(name)) for name in names)
    if uncached <= written and total and total < uncached + written + hit + made:
        written -= uncached
    return uncached, written, hit, made


def _event(event: Value, number: lines.Numbered) -> dict[str, Any]:
    found = event.get("tokenUsage")
    used = found if isinstance(found, dict) else {}
    names = ("inputTokens", "cacheWriteTokens", "cacheReadTokens", "outputTokens")
    kind = str(event.get("kind") or "")
    facts = {"kind": kind, "max_mode": event.get("maxMode"), "requests": event.get("requestsCosts")}
    cents = event.get("chargedCents", used.get("totalCents"))
    stated = (cents, CENTS) if cents is not None else (event.get("usageBasedCosts"), 0)
    moment = lines.micros(event.get("timestamp"), 1_000)
    line = _line(moment, event.get("model"), tuple(map(used.get, names)), number)
    return line | _money(*stated, kind, facts, event.get("userEmail"))


def _line(moment: Any, model: Any, counts: tuple[Any, ...], number: lines.Numbered) -> Value:
    """When, which model, how many tokens: uncached, written to the cache, read from it, made."""
    uncached, written, hit, made = map(lines.count, counts)
    return {
        "cost_id": number(moment, model, uncached, written, hit, made),
        "period_start": moment,
        "period_end": moment,
        "provider": "cursor",
        "category": "llm",
        "model": model,
        "input_tokens": uncached + written + hit,
        "output_tokens": made,
        "cache_read_tokens": hit,
        "cache_write_tokens": written,
        "request_count": 1,
    }


def _money(stated: Any, scale: int, kind: str, facts: Value, user: Any) -> dict[str, Any]:
    words = kind.lower().replace("_", " ")
    is_free, is_included = (any(word in words for word in group) for group in KINDS)
    priced = lines.exact(str(stated).strip().removeprefix("$")) is not None
    attributes = lines.kept("cursor", facts, facts)
    if not priced and not is_free:
        attributes |= {"is_unpriced": True}
    return {
        "key_hash": hashes.sha256(str(user).encode("utf-8", "replace")) if user else None,
        "amount": lines.dollars(stated, scale) if priced else "0",
        "currency": "USD",
        "measure": "effective" if is_included else "billed",
        "source": "usage_api",
        "attributes": attributes,
    }
