"""Which attributes hold what people and models wrote, and where those are kept."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from ingest.fields.scalars import Attributes

LONGEST = 1_000
USER_NAMES = ("user.id", "enduser.id", "traceloop.association.properties.user_id")
PERSONAL = frozenset({*USER_NAMES, "user.name", "user.full_name", "user.email"})
MOVED = frozenset(
    {
        "gen_ai.input.messages",
        "gen_ai.output.messages",
        "gen_ai.tool.call.arguments",
        "gen_ai.tool.call.result",
        "gen_ai.tool.definitions",
        "input.value",
        "output.value",
        "traceloop.entity.input",
        "traceloop.entity.output",
        "pilot.rationale",
    }
)
MOVED_LISTS = re.compile(
    r"""(?: gen_ai\.(?:prompt|completion) | llm\.(?:input|output)_messages | llm\.tools
    | llm\.request\.functions | embedding\.embeddings | retrieval\.documents )\.\d""",
    re.VERBOSE,
)
WRITTEN = frozenset(
    {
        "input",
        "output",
        "message",
        "messages",
        "all_messages",
        "prompt",
        "prompts",
        "prompt_template",
        "completion",
        "completions",
        "content",
        "contents",
        "document",
        "documents",
        "instructions",
        "system_instructions",
        "arguments",
        "result",
        "final_result",
        "text",
        "rationale",
        "embeddings",
        "query",
        "body",
        "input_messages",
        "output_messages",
        "definitions",
        "functions",
        "tools",
    }
)


@lru_cache(maxsize=8_192)
def is_moved(name: str) -> bool:
    """Whether the attribute became a column or text of its own, or names a person (kept hashed)."""
    return name in MOVED or name in PERSONAL or MOVED_LISTS.match(name) is not None


@lru_cache(maxsize=8_192)
def is_written(name: str) -> bool:
    """Whether the attribute's name says that it holds a message, prompt, input or output."""
    return not WRITTEN.isdisjoint(name.lower().split("."))


def without_content(found: Attributes) -> Attributes:
    """The attributes that say what a run was, without what was written in it or who used it."""
    return {k: v for k, v in found.items() if _is_fact(k, v)}


def _is_fact(name: str, value: Any) -> bool:
    if name in PERSONAL:
        return False
    if value is None or isinstance(value, int | float):
        return True
    return not is_written(name) and len(str(value)) <= LONGEST
