"""What a LangSmith run says of a model call: model, tokens, cost, and how it ended.

Tokens stand in columns of their own, or in the usage metadata of the run or of its answer, as far
as the export kept them. The answer has the shape of LangChain's (`generations`) or of the
provider's own client (`choices`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from ingest.fields.objects import member, objects
from ingest.fields.scalars import count, first_count, first_text, number, text
from ingest.fields.usage import put_tokens
from ingest.formats import Value
from ingest.traces.langsmith_run.identity import time_of

Row = dict[str, Any]

INPUT = ("input_tokens", "prompt_tokens")
OUTPUT = ("output_tokens", "completion_tokens")
READ = ("cache_read", "cached_tokens", "cache_read_input_tokens")
WRITE = ("cache_creation", "cache_write", "cache_creation_input_tokens")
SHORT_LIVED = ("ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens")


def put_model_call(step: Row, run: Value, extra: Value, outputs: Value) -> None:
    """Set the columns of a model call; `extra` and `outputs` are decoded."""
    metadata, asked = member(extra, "metadata"), member(extra, "invocation_params")
    message = _message(outputs)
    answered = member(message, "response_metadata")
    named = first_text(metadata, "ls_model_name") or first_text(
        asked, "model", "model_name", "deployment_name"
    )
    stated = member(outputs, "llm_output").get("model_name") or outputs.get("model")
    step["response_model"] = first_text(answered, "model_name", "model") or text(stated)
    step["model"] = named or step["response_model"]
    step["provider"] = text(metadata.get("ls_provider"))
    step["response_id"] = text(answered.get("id")) or text(outputs.get("id"))
    step["finish_reason"] = _finish_reason(outputs, answered)
    tools = [member(tool, "function") or tool for tool in objects(asked.get("tools"))]
    step["tools_offered"] = [name for t in tools if (name := text(t.get("name")))] or None
    put_usage(step, run, metadata, outputs, message)
    _put_cost(step, run)
    _put_first_token(step, run.get("first_token_time"))


def put_usage(step: Row, run: Value, metadata: Value, outputs: Value, message: Value) -> None:
    """Set the tokens of the first place that states any; nothing but zeros states none."""
    for usage in _usages(run, metadata, outputs, message):
        given, said = first_count(usage, *INPUT), first_count(usage, *OUTPUT)
        if not given and not said:
            continue
        parts = _parts(usage, "input_token", "prompt_token")
        written = first_count(parts, *WRITE)
        written = written or sum(count(parts.get(name)) or 0 for name in SHORT_LIVED) or written
        thought = first_count(
            _parts(usage, "output_token", "completion_token"), "reasoning", "reasoning_tokens"
        )
        put_tokens(step, given, said, first_count(parts, *READ), written, thought)
        return


def _usages(run: Value, metadata: Value, outputs: Value, message: Value) -> Iterator[Value]:
    own = member(metadata, "usage_metadata")
    told = (
        own,
        member(outputs, "usage_metadata"),
        member(message, "usage_metadata"),
        member(member(outputs, "llm_output"), "token_usage"),
        member(outputs, "usage"),
    )
    columns = {k: v for k, v in run.items() if v is not None and v != ""}
    detailed = next((u for u in told if _parts(u, "input_token", "prompt_token")), {})
    yield {
        **detailed,
        **{k: v for k, v in columns.items() if k in (*INPUT, *OUTPUT) or "_det" in k},
    }
    yield from told


def _parts(usage: Value, *sides: str) -> Value:
    """The parts of one side of a usage, whichever spelling it has."""
    for side in sides:
        for name in (f"{side}_details", f"{side}s_details"):
            if found := member(usage, name):
                return found
    return {}


def _message(outputs: Value) -> Value:
    """The message a model answered with, as LangChain writes it; empty in other shapes."""
    generations = outputs.get("generations")
    first = generations[0] if isinstance(generations, list) and generations else {}
    first = first[0] if isinstance(first, list) and first else first
    message = member(first, "message") or member(outputs, "output")
    return member(message, "kwargs") or message


def _finish_reason(outputs: Value, answered: Value) -> str | None:
    choice = (objects(outputs.get("choices")) or [{}])[0]
    found = first_text(answered, "finish_reason", "stop_reason")
    return found or text(choice.get("finish_reason")) or text(outputs.get("stop_reason"))


def _put_cost(step: Row, run: Value) -> None:
    """Set the cost in US dollars; a price that is not known comes as null or as 0."""
    cost = number(_plain(run.get("total_cost")))
    if cost is not None and cost > 0:
        step["cost_usd"], step["cost_source"] = cost, "reported"


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float | None) else str(value)


def _put_first_token(step: Row, value: object) -> None:
    first, start = time_of(value), step.get("started_at")
    if first is not None and isinstance(start, datetime) and first >= start:
        step["ttft_ms"] = (first - start).total_seconds() * 1_000
