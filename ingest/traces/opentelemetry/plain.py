"""Spans of no AI dialect: HTTP calls, databases, the application's own spans."""

from __future__ import annotations

from typing import Any

from ingest.fields.scalars import Attributes, text

Row = dict[str, Any]


def describe(found: Attributes, step: Row) -> tuple[Any, Any]:
    """Set what the span says of its step; it has neither input nor output."""
    step["kind"] = "other"
    step["agent"] = text(found.get("gen_ai.agent.name"))
    return None, None
