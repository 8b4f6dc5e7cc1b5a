"""OpenInference attributes, as Phoenix and its instrumentations write them."""

from __future__ import annotations

from typing import Any

import orjson

from ingest.fields.nested import nested
from ingest.fields.scalars import Attributes, first_count, first_text, first_value, text
from ingest.fields.usage import put_cost, put_tokens
from ingest.traces.opentelemetry.genai import names_of

Row = dict[str, Any]

KINDS = {
    "LLM": "llm",
    "EMBEDDING": "retrieval",
    "RETRIEVER": "retrieval",
    "RERANKER": "retrieval",
    "CHAIN": "chain",
    "TOOL": "tool",
    "AGENT": "agent",
    "GUARDRAIL": "guardrail",
}
CALLS = frozenset({"LLM", "EMBEDDING"})
PROMPT, COMPLETION = "llm.token_count.prompt", "llm.token_count.completion"


def describe(found: Attributes, step: Row) -> tuple[Any, Any]:
    """Set what the span says of its step; its input and output are returned.

    Embeddings are retrieval, and billed like model calls. The convention has no name for the
    provider's response id: the GenAI one is read where an application adds it.
    """
    word = (text(found.get("openinference.span.kind")) or "").upper()
    step["kind"] = kind = KINDS.get(word, "other")
    agent = first_text(found, "agent.name", "gen_ai.agent.name")
    step["agent"] = agent or (step["name"] if kind == "agent" else None)
    given, answer = first_value(found, "input.value"), first_value(found, "output.value")
    if word in CALLS:
        _model_call(found, step)
    if kind == "llm":
        given = nested(found, "llm.input_messages.") or given
        answer = nested(found, "llm.output_messages.") or answer
    elif kind == "tool":
        step["tool"] = first_text(found, "tool.name", "gen_ai.tool.name") or step["name"]
        step["call_id"] = first_text(found, "tool.id", "tool_call.id")
        given = given or first_value(found, "tool.parameters")
    elif kind == "retrieval":
        answer = answer or nested(found, "retrieval.documents.")
    return given, answer


def _model_call(found: Attributes, step: Row) -> None:
    step["model"] = first_text(
        found, "llm.request.model_name", "llm.model_name", "embedding.model_name"
    )
    step["response_model"] = text(found.get("llm.response.model_name"))
    step["provider"] = first_text(found, "llm.provider", "llm.system")
    step["response_id"] = text(found.get("gen_ai.response.id"))
    step["finish_reason"] = text(found.get("llm.finish_reason"))
    step["prompt_version"] = text(found.get("llm.prompt_template.version"))
    step["tools_offered"] = _tools_offered(found)
    put_tokens(
        step,
        first_count(found, PROMPT),
        first_count(found, COMPLETION),
        first_count(found, f"{PROMPT}_details.cache_read", f"{PROMPT}_details.cache_input"),
        first_count(found, f"{PROMPT}_details.cache_write"),
        first_count(found, f"{COMPLETION}_details.reasoning"),
    )
    put_cost(step, found)


def _tools_offered(found: Attributes) -> list[str] | None:
    tools = nested(found, "llm.tools.")
    if tools is None:
        return None
    schemas = (t["tool"].get("json_schema") for t in tools if _has_tool(t))
    return names_of([_schema(s) for s in schemas])


def _has_tool(item: object) -> bool:
    return isinstance(item, dict) and isinstance(item.get("tool"), dict)


def _schema(schema: object) -> object:
    try:
        return orjson.loads(schema) if isinstance(schema, str) else schema
    except orjson.JSONDecodeError:
        return None
