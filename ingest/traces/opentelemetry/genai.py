"""OpenTelemetry GenAI attributes, of today and as they were named before.

Where a framework says something in names of its own beside them (Vercel's AI SDK, pydantic-ai),
those are read as well.
"""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache
from typing import Any

import orjson

from ingest.fields.nested import nested
from ingest.fields.scalars import Attributes, first_count, first_text, first_value, number, text
from ingest.fields.usage import put_cost, put_tokens

Row = dict[str, Any]

KINDS = {
    "chat": "llm",
    "text_completion": "llm",
    "generate_content": "llm",
    "fetch_response": "llm",
    "embeddings": "retrieval",
    "retrieval": "retrieval",
    "search_memory": "retrieval",
    "execute_tool": "tool",
    "invoke_agent": "agent",
    "create_agent": "agent",
    "plan": "plan",
    "invoke_workflow": "chain",
}
REQUEST_TYPES = {
    "chat": "llm",
    "completion": "llm",
    "embedding": "retrieval",
    "rerank": "retrieval",
}
EMBEDDINGS = frozenset({"embeddings", "embedding"})
MARKERS = frozenset(
    {
        "gen_ai.operation.name",
        "gen_ai.provider.name",
        "gen_ai.system",
        "gen_ai.request.model",
        "gen_ai.response.model",
        "gen_ai.tool.name",
        "gen_ai.workflow.name",
        "llm.request.type",
        "ai.toolCall.name",
    }
)
TOOL_NAMES = ("gen_ai.tool.name", "ai.toolCall.name")
GIVEN = ("gen_ai.input.messages", "ai.prompt.messages", "pydantic_ai.all_messages")
ANSWERED = ("gen_ai.output.messages", "ai.response.text", "ai.response.toolCalls", "final_result")
READ_NAMES = (
    "gen_ai.usage.cache_read.input_tokens",
    "gen_ai.usage.cache_read_input_tokens",
    "gen_ai.usage.input_tokens.cached",
    "gen_ai.usage.details.cache_read_tokens",
    "ai.usage.inputTokenDetails.cacheReadTokens",
    "ai.usage.cachedInputTokens",
)
WRITE_NAMES = (
    "gen_ai.usage.cache_write.input_tokens",
    "gen_ai.usage.cache_creation.input_tokens",
    "gen_ai.usage.cache_creation_input_tokens",
    "gen_ai.usage.cache_write_input_tokens",
    "gen_ai.usage.input_tokens.cache_write",
    "gen_ai.usage.details.cache_write_tokens",
    "ai.usage.inputTokenDetails.cacheWriteTokens",
)
REASONING_NAMES = (
    "gen_ai.usage.reasoning.output_tokens",
    "gen_ai.usage.reasoning_tokens",
    "gen_ai.usage.output_tokens.reasoning",
    "gen_ai.usage.details.reasoning_tokens",
    "ai.usage.outputTokenDetails.reasoningTokens",
    "ai.usage.reasoningTokens",
)


def describe(found: Attributes, step: Row) -> tuple[Any, Any]:
    """Set what the span says of its step; its input and output are returned.

    Embeddings are retrieval, and billed like model calls; sums on agent spans are not read.
    """
    operation = first_text(found, "gen_ai.operation.name", "llm.request.type") or ""
    step["kind"] = kind = _kind(found)
    step["agent"] = first_text(found, "gen_ai.agent.name", "gen_ai.agent.id")
    step["prompt_version"] = text(found.get("gen_ai.prompt.version"))
    if kind == "llm" or operation.lower() in EMBEDDINGS:
        _model_call(found, step)
    if kind == "tool":
        name = first_text(found, *TOOL_NAMES)
        step["tool"] = name or step["name"].removeprefix("execute_tool ")
        step["call_id"] = first_text(found, "gen_ai.tool.call.id", "ai.toolCall.id")
        return (
            first_value(found, "gen_ai.tool.call.arguments", "tool_arguments", "ai.toolCall.args"),
            first_value(found, "gen_ai.tool.call.result", "tool_response", "ai.toolCall.result"),
        )
    given, answer = first_value(found, *GIVEN), first_value(found, *ANSWERED)
    if given is None and answer is None and kind in ("llm", "retrieval"):
        return nested(found, "gen_ai.prompt."), nested(found, "gen_ai.completion.")
    return given, answer


def _kind(found: Attributes) -> str:
    operation = text(found.get("gen_ai.operation.name"))
    if operation:
        return KINDS.get(operation.lower(), "other")
    request = text(found.get("llm.request.type"))
    if request:
        return REQUEST_TYPES.get(request.lower(), "other")
    if any(name in found for name in TOOL_NAMES):
        return "tool"
    if "gen_ai.request.model" in found or "gen_ai.response.model" in found:
        return "llm"
    return "chain" if "gen_ai.workflow.name" in found else "other"


def _model_call(found: Attributes, step: Row) -> None:
    step["model"] = text(found.get("gen_ai.request.model"))
    step["response_model"] = text(found.get("gen_ai.response.model"))
    step["provider"] = first_text(found, "gen_ai.provider.name", "gen_ai.system")
    step["response_id"] = text(found.get("gen_ai.response.id"))
    step["finish_reason"] = _finish_reason(found)
    seconds = number(found.get("gen_ai.response.time_to_first_chunk"))
    step["ttft_ms"] = None if seconds is None else seconds * 1_000
    step["tools_offered"] = _tools_offered(found)
    put_tokens(
        step,
        first_count(found, "gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens"),
        first_count(found, "gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens"),
        first_count(found, *READ_NAMES),
        first_count(found, *WRITE_NAMES),
        first_count(found, *REASONING_NAMES),
    )
    put_cost(step, found)


def _finish_reason(found: Attributes) -> str | None:
    """The first reason; a list may have become JSON text on its way."""
    reasons = found.get("gen_ai.response.finish_reasons")
    if isinstance(reasons, str) and reasons.startswith("["):
        with suppress(orjson.JSONDecodeError):
            reasons = orjson.loads(reasons)
    if isinstance(reasons, list):
        return text(reasons[0]) if reasons else None
    return text(reasons) or text(found.get("gen_ai.completion.0.finish_reason"))


def _tools_offered(found: Attributes) -> list[str] | None:
    definitions = found.get("gen_ai.tool.definitions")
    if isinstance(definitions, str):
        return _names_in(definitions)
    if definitions is None and "llm.request.type" in found:
        definitions = nested(found, "llm.request.functions.")
    return names_of(definitions)


@lru_cache(maxsize=256)
def _names_in(definitions: str) -> list[str] | None:
    try:
        return names_of(orjson.loads(definitions))
    except orjson.JSONDecodeError:
        return None


def names_of(definitions: object) -> list[str] | None:
    """The names of tool definitions, also where they stand one level down under `function`."""
    if not isinstance(definitions, list):
        return None
    tools = [d for d in definitions if isinstance(d, dict)]
    inner = [d["function"] if isinstance(d.get("function"), dict) else d for d in tools]
    return [d["name"] for d in inner if isinstance(d.get("name"), str)]
