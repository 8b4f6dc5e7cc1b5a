"""Spans of MLflow sent on as OpenTelemetry: `mlflow.*`, each value JSON text."""

from __future__ import annotations

from typing import Any

import orjson

from ingest.fields.scalars import Attributes, first_count, first_text, first_value, number, text
from ingest.fields.usage import put_tokens

Row = dict[str, Any]

MARKER = "mlflow.spanType"
KINDS = {
    "LLM": "llm",
    "CHAT_MODEL": "llm",
    "EMBEDDING": "retrieval",
    "RETRIEVER": "retrieval",
    "RERANKER": "retrieval",
    "TOOL": "tool",
    "AGENT": "agent",
    "CHAIN": "chain",
    "WORKFLOW": "chain",
    "GUARDRAIL": "guardrail",
}
CALLS = frozenset({"LLM", "CHAT_MODEL", "EMBEDDING"})


def describe(found: Attributes, step: Row) -> tuple[Any, Any]:
    """Set what the span says of its step; its input and output are returned."""
    told = {name: _plain(value) for name, value in found.items() if name.startswith("mlflow.")}
    word = (text(told.get(MARKER)) or "").upper()
    step["kind"] = kind = KINDS.get(word, "other")
    if kind == "agent":
        step["agent"] = step["name"]
    if kind == "tool":
        step["tool"] = first_text(told, "mlflow.spanFunctionName") or step["name"]
    if word in CALLS:
        _model_call(told, step)
    return first_value(told, "mlflow.spanInputs"), first_value(told, "mlflow.spanOutputs")


def _model_call(told: Attributes, step: Row) -> None:
    step["model"] = first_text(told, "mlflow.llm.model")
    step["provider"] = first_text(told, "mlflow.llm.provider")
    usage = told.get("mlflow.chat.tokenUsage")
    if isinstance(usage, dict):
        names = (
            "input_tokens",
            "output_tokens",
            "cache_read_input_tokens",
            "cache_creation_input_tokens",
        )
        put_tokens(step, *(first_count(usage, name) for name in names), None)
    cost = told.get("mlflow.llm.cost")
    total = number(cost.get("total_cost")) if isinstance(cost, dict) else None
    if total is not None:
        step["cost_usd"], step["cost_source"] = total, "reported"


def _plain(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        return value
