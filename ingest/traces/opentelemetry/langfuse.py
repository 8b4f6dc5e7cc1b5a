"""Spans of the Langfuse SDK: `langfuse.observation.*`, objects given as JSON text."""

from __future__ import annotations

from typing import Any

import orjson

from ingest.fields.scalars import Attributes, first_text, first_value, text
from ingest.fields.usage import put_tokens
from ingest.traces.langfuse.usage import cost, tokens

Row = dict[str, Any]

PREFIX = "langfuse.observation."
MARKERS = frozenset({f"{PREFIX}type", f"{PREFIX}model.name", f"{PREFIX}usage_details"})
KINDS = {
    "generation": "llm",
    "embedding": "retrieval",
    "retriever": "retrieval",
    "tool": "tool",
    "agent": "agent",
    "chain": "chain",
    "guardrail": "guardrail",
}


def describe(found: Attributes, step: Row) -> tuple[Any, Any]:
    """Set what the span says of its step; its input and output are returned."""
    word = (text(found.get(f"{PREFIX}type")) or "").lower()
    step["kind"] = kind = KINDS.get(word, "other")
    if kind in ("agent", "tool"):
        step[kind] = step["name"]
    if word in ("generation", "embedding"):
        _model_call(found, step)
    if text(found.get(f"{PREFIX}level")) == "ERROR":
        step["status"] = "error"
        step["error_message"] = text(found.get(f"{PREFIX}status_message"))
    return (
        first_value(found, f"{PREFIX}input", "langfuse.trace.input"),
        first_value(found, f"{PREFIX}output", "langfuse.trace.output"),
    )


def _model_call(found: Attributes, step: Row) -> None:
    step["model"] = first_text(found, f"{PREFIX}model.name", "gen_ai.request.model")
    step["provider"] = first_text(found, "gen_ai.provider.name", "gen_ai.system")
    step["prompt_version"] = text(found.get(f"{PREFIX}prompt.version"))
    details = ("usage_details", "cost_details")
    record = {name: _object(found.get(f"{PREFIX}{name}")) for name in details}
    if (used := tokens(record)) is not None:
        put_tokens(step, *used)
    if (stated := cost(record)) is not None:
        step["cost_usd"], step["cost_source"] = stated, "reported"


def _object(value: object) -> dict[str, Any]:
    """A JSON object given as text or as it is; empty for anything else."""
    if isinstance(value, str):
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError:
            return {}
    return value if isinstance(value, dict) else {}
