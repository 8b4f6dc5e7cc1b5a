"""LiteLLM spend logs: the table as CSV, the rows of its API as JSON, its paged v2 envelope.

The gateway prices calls from its own price map, so the money is an estimate, whatever it is called.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal

from ingest import casts, hashes
from ingest.formats import Ignored, Read, Reject, Sample, Value

NAME = "litellm.spend_logs"
HOLDS: Literal["whole", "part"] = "part"
RECORDS = "costs"
BASIS: Literal["files", "documentation"] = "files"
OBTAIN = (
    "Export the table LiteLLM_SpendLogs as CSV, or save GET /spend/logs/v2"
    " (or GET /spend/logs with summarize=false)."
)

ROW = ("request_id", "call_type", "api_key", "spend", "startTime", "endTime")
HASHED = re.compile(r"[0-9a-f]{64}")
KEPT = ("call_type", "status", "session_id", "model_group", "litellm_call_id", "cache_hit")


def accepts(sample: Sample) -> bool:
    """Rows, or an envelope of rows."""
    return sample.has(*ROW) or sample.under("data").has(*ROW)


def read(values: Iterator[Value]) -> Iterator[Read]:
    """One cost line per request."""
    for value in values:
        rows = value.get("data")
        if not isinstance(rows, list) or "request_id" in value:
            yield record(value, "")
            continue
        if not rows:
            yield Ignored("empty page")
        for number, row in enumerate(rows):
            yield record(row, f"data[{number}]")


def record(value: Any, place: str) -> Read:
    """One cost line of a spend row."""
    if not isinstance(value, dict):
        return Reject("not_an_object", "a spend row is not an object.", place, str(value)[:500])
    request = casts.text(value.get("request_id") or "")
    if request is None:
        return Reject("missing", "the row has no request_id.", place)
    metadata = _under(_parsed(value.get("metadata")))
    row = _identity(value, request, metadata) | _money(value) | _tokens(value, metadata)
    return {"costs": [row]}


def _identity(value: Value, request: str, metadata: dict[str, Any]) -> dict[str, Any]:
    """Who was asked, when, for whom. A key that is not hashed yet is hashed here.

    The workflow is what the caller itself said, in `metadata.spend_logs_metadata` of the call.
    """
    key = casts.text(value.get("api_key") or "")
    call_type = str(value.get("call_type") or "")
    return {
        "cost_id": f"litellm:{request}",
        "response_id": request,
        "period_start": value.get("startTime"),
        "period_end": value.get("endTime") or value.get("startTime"),
        "provider": value.get("custom_llm_provider") or "unknown",
        "category": "api" if "mcp" in call_type else "llm",
        "model": value.get("model"),
        "team": value.get("team_id") or None,
        "workflow": _under(metadata, "spend_logs_metadata").get("workflow"),
        "tags": _parsed(value.get("request_tags")),
        "key_hash": key if key is None or HASHED.fullmatch(key) else hashes.sha256(key.encode()),
        "request_count": 1,
        "source": "gateway_log",
    }


def _money(value: Value) -> dict[str, Any]:
    """The spend as its own text; zero for a successful call with tokens means *not priced*."""
    attributes = {f"litellm.{name}": value[name] for name in KEPT if value.get(name)}
    answered = value.get("status") != "failure" and str(value.get("cache_hit")).lower() != "true"
    spend = value.get("spend")
    exact = None if spend is None or isinstance(spend, bool) else str(spend)
    row: dict[str, Any] = {"amount": exact, "currency": "USD"}
    if answered and _number(spend) == 0 and _number(value.get("total_tokens")):
        row["cost_usd"] = None
        attributes["is_unpriced"] = True
    return row | {"measure": "estimated", "attributes": attributes}


def _tokens(value: Value, metadata: dict[str, Any]) -> dict[str, Any]:
    """Totals include the cache, for every provider; the parts come from `metadata.usage_object`."""
    usage = _under(metadata, "usage_object")
    prompt = _under(usage, "prompt_tokens_details")
    completion = _under(usage, "completion_tokens_details")
    return {
        "input_tokens": value.get("prompt_tokens"),
        "output_tokens": value.get("completion_tokens"),
        "cache_read_tokens": _first(
            usage.get("cache_read_input_tokens"), prompt.get("cached_tokens")
        ),
        "cache_write_tokens": _first(
            usage.get("cache_creation_input_tokens"),
            prompt.get("cache_creation_tokens"),
            prompt.get("cache_write_tokens"),
        ),
        "reasoning_tokens": completion.get("reasoning_tokens"),
    }


def _parsed(value: Any) -> Any:
    """JSON text of the CSV export as the value the API gives."""
    return hashes.parse_json(value) if isinstance(value, str) else value


def _under(value: Any, key: str | None = None) -> dict[str, Any]:
    found = value.get(key) if key is not None and isinstance(value, dict) else value
    return found if isinstance(found, dict) else {}


def _first(*values: Any) -> Any:
    return next((v for v in values if v is not None), None)


def _number(value: Any) -> float | None:
    try:
        return casts.number(value)
    except (TypeError, ValueError, OverflowError):
        return None
