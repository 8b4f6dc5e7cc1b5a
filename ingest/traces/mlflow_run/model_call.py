"""What a model call of MLflow says: its attributes, else the provider's own answer in its output.

`mlflow.chat.tokenUsage` holds what the provider counts: Anthropic and Bedrock count cached input
beside the input, others as a part of it. MLflow 2 had no such attribute.
"""

from __future__ import annotations

from typing import Any

from ingest.fields.objects import as_object
from ingest.fields.scalars import Attributes, first_count, first_text, first_value, text
from ingest.fields.usage import TOKENS, put_tokens
from ingest.traces.opentelemetry import mlflow
from ingest.traces.opentelemetry.genai import names_of

Row = dict[str, Any]

USAGE = "mlflow.chat.tokenUsage"
INPUT = ("input_tokens", "prompt_tokens")
OUTPUT = ("output_tokens", "completion_tokens")
APART = ("anthropic", "bedrock")
DETAILS = ("completion_tokens_details", "output_tokens_details")


def describe(found: Attributes, step: Row) -> tuple[Any, Any]:
    """Set what the span says of its step; its input and output are returned."""
    mlflow.describe(found, step)
    given = first_value(found, "mlflow.spanInputs")
    answer = first_value(found, "mlflow.spanOutputs")
    if (text(found.get(mlflow.MARKER)) or "").upper() in mlflow.CALLS:
        _put_call(found, step, as_object(given), as_object(answer))
    return given, answer


def _put_call(found: Attributes, step: Row, given: Attributes, answer: Attributes) -> None:
    parameters = as_object(found.get("invocation_params"))
    asked = {**parameters, **given, **found}
    step["model"] = step.get("model") or first_text(asked, "model", "model_name")
    step["tools_offered"] = names_of(found.get("mlflow.chat.tools"))
    if isinstance(answer.get("model"), str):
        step["response_model"] = answer["model"]
        step["response_id"] = text(answer.get("id"))
        step["finish_reason"] = _finish_reason(answer)
    _put_usage(found, step, as_object(answer.get("usage")), as_object(answer.get("llm_output")))
    if (step.get("cost_usd") or 0) < 0:
        del step["cost_usd"], step["cost_source"]


def _finish_reason(answer: Attributes) -> str | None:
    choices = answer.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    return text(as_object(first).get("finish_reason")) or text(answer.get("stop_reason"))


def _put_usage(found: Attributes, step: Row, answered: Attributes, framework: Attributes) -> None:
    stated = as_object(found.get(USAGE)) or answered or as_object(framework.get("token_usage"))
    details = next((as_object(answered[name]) for name in DETAILS if name in answered), {})
    read = first_count(stated, "cache_read_input_tokens")
    write = first_count(stated, "cache_creation_input_tokens")
    if read is None:
        read = first_count(as_object(answered.get("prompt_tokens_details")), "cached_tokens")
    total = first_count(stated, *INPUT)
    maker = first_text(found, "mlflow.llm.provider", "mlflow.message.format") or ""
    if total is not None and maker.lower().startswith(APART):
        total += (read or 0) + (write or 0)
    counts = (total, first_count(stated, *OUTPUT), read, write)
    reasoning = first_count(details, "reasoning_tokens")
    if any(counted is not None for counted in counts):
        put_tokens(step, *counts, reasoning)
    else:
        for column in TOKENS:
            step.pop(column, None)
