"""Aider analytics logs (`--analytics-log`): one event a line, one of which is a model call.

`cost` is that of the call, by LiteLLM's price map: `client_log`, estimated; `total_cost` is the sum
so far of a session and is never added. Zero for a call with tokens means *not priced*.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from ingest import hashes
from ingest.costs import lines
from ingest.fields.scalars import first_count, number
from ingest.formats import Ignored, Read, Reject, Sample, Value

NAME = "aider.analytics"
HOLDS: Literal["whole", "part"] = "part"
RECORDS = "costs"
BASIS: Literal["files", "documentation"] = "files"
OBTAIN = "Run aider with --analytics-log FILE."

CALL = "message_send"
EVENTS = frozenset(
    [
        *(CALL, "message_send_starting", "message_send_exception", "launched", "exit"),
        *("cli session", "gui session", "auto_commits", "no-repo", "repo", "model warning"),
    ]
)


def accepts(sample: Sample) -> bool:
    """Events with their properties, at least one of them aider's own."""
    events = {str(v.get("event")) for v in sample.values}
    return sample.has("event", "properties", "user_id", "time") and bool(events & EVENTS)


def read(values: Iterator[Value]) -> Iterator[Read]:
    """One cost line per model call; everything else is left out by its reason."""
    numbered = lines.Numbered(NAME)
    for value in values:
        yield _record(value, numbered)


def _record(value: Value, numbered: lines.Numbered) -> Read:
    event, call = value.get("event"), value.get("properties")
    if event != CALL:
        known = isinstance(event, str) and (event in EVENTS or event.startswith("command_"))
        name = str(event).partition("_")[0] if str(event).startswith("command_") else event
        return Ignored(f"no model call: {name}" if known else "no model call: another event")
    if not isinstance(call, dict):
        return Reject("missing", "the model call has no properties.")
    return {"costs": [_line(value, call, numbered)]}


def _line(event: Value, call: Value, numbered: lines.Numbered) -> dict[str, Any]:
    tokens = {
        "input_tokens": first_count(call, "prompt_tokens"),
        "output_tokens": first_count(call, "completion_tokens"),
    }
    moment, model = lines.micros(event.get("time")), call.get("main_model")
    user = event.get("user_id")
    facts = lines.kept("aider", call, ("edit_format", "weak_model", "editor_model"))
    line = {
        "cost_id": numbered(user, moment, model, *tokens.values(), call.get("total_cost")),
        "period_start": moment,
        "period_end": moment,
        "provider": lines.maker(model),
        "service": "aider",
        "category": "llm",
        "model": model,
        "key_hash": hashes.sha256(str(user).encode("utf-8", "replace")) if user else None,
        "request_count": 1,
        "amount": lines.dollars(call.get("cost")) or "0",
        "currency": "USD",
        "measure": "estimated",
        "source": "client_log",
        "attributes": facts,
    }
    if not number(call.get("cost")) and number(call.get("total_tokens")):
        line["attributes"] = facts | {"is_unpriced": True}
    return line | tokens
