"""The attributes of a span in three dialects: GenAI, its names of 2024, and OpenInference."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from ingest.scenario.runs import Run, Span

Attributes = dict[str, Any]

OPERATIONS = {"tool": "execute_tool", "plan": "plan", "agent": "invoke_agent", "llm": "chat"}
KINDS = {
    "root": "AGENT",
    "agent": "AGENT",
    "tool": "TOOL",
    "llm": "LLM",
    "plan": "CHAIN",
    "human": "CHAIN",
    "chain": "CHAIN",
}


def genai(span: Span, run: Run) -> Attributes:
    """The names of 2026."""
    found: Attributes = {}
    flow = run.plan.flow
    if span.kind == "root":
        found = {
            "gen_ai.operation.name": "invoke_workflow" if flow.multi else "invoke_agent",
            "gen_ai.workflow.name": flow.name,
            "gen_ai.conversation.id": run.session,
        }
    elif span.kind in OPERATIONS:
        found = {"gen_ai.operation.name": OPERATIONS[span.kind]}
    if span.agent:
        found["gen_ai.agent.name"] = span.agent
    if span.kind in ("root", "agent"):
        found["gen_ai.agent.version"] = run.plan.version.name
    if span.tool:
        return found | _tool(span)
    if span.kind == "llm":
        return found | _request(span, "gen_ai.provider.name") | _usage(span) | _messages(span)
    return found


def indexed(span: Span, run: Run) -> Attributes:
    """The names of 2024: `gen_ai.system`, prompt and completion tokens, numbered messages."""
    if span.kind != "llm":
        return genai(span, run)
    found = _request(span, "gen_ai.system") | {
        "gen_ai.operation.name": "chat",
        "llm.request.type": "chat",
        "gen_ai.prompt.0.role": "user",
        "gen_ai.prompt.0.content": span.arguments,
    }
    if not span.response_id:
        return found
    return found | {
        "gen_ai.response.id": span.response_id,
        "gen_ai.response.model": span.model.served if span.model else "",
        "gen_ai.usage.prompt_tokens": span.tokens[0],
        "gen_ai.usage.cache_read_input_tokens": span.tokens[1],
        "gen_ai.usage.completion_tokens": span.tokens[2],
        "llm.usage.total_tokens": span.tokens[0] + span.tokens[2],
        "gen_ai.usage.cost": span.cost_usd,
        "gen_ai.completion.0.role": "assistant",
        "gen_ai.completion.0.content": span.result,
        "gen_ai.completion.0.finish_reason": "stop",
    }


def openinference(span: Span, run: Run) -> Attributes:
    """The names Phoenix writes; the response id keeps its GenAI name, so that bills join."""
    found: Attributes = {"openinference.span.kind": KINDS[span.kind], "agent.name": span.agent}
    if span.kind == "root":
        found["session.id"] = run.session
    if span.tool:
        found |= {"tool.name": span.tool, "tool.id": f"call_{span.span_id}"}
    if span.arguments:
        mime = "text/plain" if span.kind == "llm" else "application/json"
        found |= {"input.value": span.arguments, "input.mime_type": mime}
        if span.result:
            found |= {"output.value": span.result, "output.mime_type": mime}
    if span.model:
        found |= {
            "llm.model_name": span.model.name,
            "llm.provider": span.model.provider,
            "llm.system": span.model.provider,
        }
    if span.response_id:
        found |= {
            "llm.token_count.prompt": span.tokens[0],
            "llm.token_count.completion": span.tokens[2],
            "llm.token_count.total": span.tokens[0] + span.tokens[2],
            "llm.token_count.prompt_details.cache_read": span.tokens[1],
            "llm.cost.total": span.cost_usd,
            "llm.finish_reason": "stop",
            "gen_ai.response.id": span.response_id,
        }
    return found


def _tool(span: Span) -> Attributes:
    found = {
        "gen_ai.tool.name": span.tool,
        "gen_ai.tool.type": "function",
        "gen_ai.tool.call.id": f"call_{span.span_id}",
        "gen_ai.tool.call.arguments": span.arguments,
    }
    return found | ({"gen_ai.tool.call.result": span.result} if span.result else {})


def _request(span: Span, provider: str) -> Attributes:
    model = span.model
    return {provider: model.provider, "gen_ai.request.model": model.name} if model else {}


def _usage(span: Span) -> Attributes:
    if not span.response_id or not span.model:
        return {}
    return {
        "gen_ai.response.model": span.model.served,
        "gen_ai.response.id": span.response_id,
        "gen_ai.response.finish_reasons": ["stop"],
        "gen_ai.usage.input_tokens": span.tokens[0],
        "gen_ai.usage.cache_read.input_tokens": span.tokens[1],
        "gen_ai.usage.output_tokens": span.tokens[2],
        "gen_ai.usage.cost": span.cost_usd,
    }


def _messages(span: Span) -> Attributes:
    found = {"gen_ai.input.messages": _message("user", span.arguments)}
    return found | (
        {"gen_ai.output.messages": _message("assistant", span.result)} if span.result else {}
    )


def _message(role: str, text: str) -> str:
    part = {"type": "text", "content": text}
    return orjson.dumps([{"role": role, "parts": [part]}]).decode()


DIALECTS: dict[str, Callable[[Span, Run], Attributes]] = {
    "genai": genai,
    "indexed": indexed,
    "openinference": openinference,
}
