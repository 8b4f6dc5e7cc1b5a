"""Spans of Traceloop's decorators: workflows, tasks, agents and tools around model calls."""

from __future__ import annotations

from typing import Any

from ingest.fields.scalars import Attributes, first_text, first_value, text

Row = dict[str, Any]

KINDS = {"workflow": "chain", "task": "chain", "agent": "agent", "tool": "tool"}


def describe(found: Attributes, step: Row) -> tuple[Any, Any]:
    """Set what the span says of its step; its input and output are returned."""
    kind = KINDS.get((text(found.get("traceloop.span.kind")) or "").lower(), "other")
    entity = text(found.get("traceloop.entity.name"))
    step["kind"] = kind
    step["agent"] = text(found.get("gen_ai.agent.name")) or (entity if kind == "agent" else None)
    if kind == "tool":
        step["tool"] = first_text(found, "gen_ai.tool.name") or entity or step["name"]
        step["call_id"] = text(found.get("gen_ai.tool.call.id"))
    return (
        first_value(found, "traceloop.entity.input"),
        first_value(found, "traceloop.entity.output"),
    )
