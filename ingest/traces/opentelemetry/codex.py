"""Spans of Codex: of the hundreds a turn writes, those that state the usage of a model call.

Input tokens hold the cached ones.
"""

from __future__ import annotations

from typing import Any

from ingest.fields.scalars import Attributes, first_text
from ingest.traces.opentelemetry import genai

Row = dict[str, Any]

NOISE = "Codex: internal spans, none of them a model call"


def is_call(found: Attributes) -> bool:
    """Whether the span states the usage of a model call: all that spans of Codex are read for."""
    return any(name.startswith("gen_ai.usage.") for name in found)


def describe(found: Attributes, step: Row) -> tuple[Any, Any]:
    """Set what the span says of its step."""
    given, answer = genai.describe({"gen_ai.operation.name": "chat", **found}, step)
    step["model"] = step["model"] or first_text(found, "model", "slug")
    step["provider"] = step["provider"] or "openai"
    return given, answer
