"""Spans of MLflow, also sent on as OpenTelemetry: `mlflow.*`, each value JSON text.

A model call says what it used in its attributes, else in the provider's own answer, its output.
`mlflow.chat.tokenUsage` holds what the provider counts: Anthropic and Bedrock count cached input
beside the input, others as a part of it. MLflow 2 had no such attribute.
"""

from __future__ import annotations

from typing import Any

from ingest.fields.objects import as_object, from_json, member
from ingest.fields.scalars import (
    Attributes,
    first_count,
    first_text,
    first_value,
    text,
    unsigned,
)
from ingest.fields.usage import put_tokens
from ingest.traces.opentelemetry.genai import names_of

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
INPUT = ("input_tokens", "prompt_tokens")
OUTPUT = ("output_tokens", "completion_tokens")
APART = ("anthropic", "bedrock")
DETAILS = ("completion_tokens_details", "output_tokens_details")


def describe(found: Attributes, step: Row) -> tuple[Any, Any]:
    """Set what the span says of its step; its input and output are returned."""
    return described({name: from_json(value) for name, value in found.items()}, step)


def described(told: Attributes, step: Row) -> tuple[Any, Any]:
    """The same by attributes that are no JSON text any more."""
    word = (text(told.get(MARKER)) or "").upper()
    step["kind"] = kind = KINDS.get(word, "other")
    if kind == "agent":
        step["agent"] = step["name"]
    if kind == "tool":
        step["tool"] = first_text(told, "mlflow.spanFunctionName") or step["name"]
    given, answer = first_value(told, "mlflow.spanInputs"), first_value(told, "mlflow.spanOutputs")
    if word in CALLS:
        _put_call(told, step, as_object(given), as_object(answer))
    return given, answer


def _put_call(told: Attributes, step: Row, given: Attributes, answer: Attributes) -> None:
    asked = {**member(told, "invocation_params"), **given, **told}
    step["model"] = first_text(asked, "mlflow.llm.model", "model", "model_name")
    step["provider"] = first_text(told, "mlflow.llm.provider")
    _put_usage(told, step, answer)
    cost = unsigned(member(told, "mlflow.llm.cost").get("total_cost"))
    if cost is not None:
        step["cost_usd"], step["cost_source"] = cost, "reported"
    step["tools_offered"] = names_of(told.get("mlflow.chat.tools"))
    if isinstance(answer.get("model"), str):
        step["response_model"] = answer["model"]
        step["response_id"] = text(answer.get("id"))
        step["finish_reason"] = _finish_reason(answer)


def _finish_reason(answer: Attributes) -> str | None:
    choices = answer.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    return text(as_object(first).get("finish_reason")) or text(answer.get("stop_reason"))


def _put_usage(told: Attributes, step: Row, answer: Attributes) -> None:
    answered = member(answer, "usage")
    stated = member(told, "mlflow.chat.tokenUsage") or answered
    stated = stated or member(member(answer, "llm_output"), "token_usage")
    read = first_count(stated, "cache_read_input_tokens")
    write = first_count(stated, "cache_creation_input_tokens")
    if read is None:
        read = first_count(member(answered, "prompt_tokens_details"), "cached_tokens")
    total = first_count(stated, *INPUT)
    maker = first_text(told, "mlflow.llm.provider", "mlflow.message.format") or ""
    if total is not None and maker.lower().startswith(APART):
        total += (read or 0) + (write or 0)
    details = next((member(answered, name) for name in DETAILS if name in answered), {})
    counts = (total, first_count(stated, *OUTPUT), read, write)
    if any(counted is not None for counted in counts):
        put_tokens(step, *counts, first_count(details, "reasoning_tokens"))
