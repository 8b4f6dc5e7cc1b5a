"""Records of any Langfuse export under the same names: snake_case, typed, without what is empty."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ingest.fields.names import snake
from ingest.fields.objects import decoded, mapping
from ingest.formats import Value

Row = dict[str, Any]

OBJECTS = frozenset(
    {
        "metadata",
        "model_parameters",
        "usage",
        "usage_details",
        "cost_details",
        "tool_definitions",
    }
)
LISTS = frozenset({"tags", "trace_tags", "tool_calls", "tool_call_names"})


def plain(value: Value) -> Row:
    """The record under snake_case names; of two spellings of a name the first counts."""
    found: Row = {}
    for name, content in value.items():
        if content is None or content == "":
            continue
        column = snake(str(name))
        if column in OBJECTS:
            content = mapping(content)
        elif column in LISTS:
            content = decoded(content)
        found.setdefault(column, float(content) if isinstance(content, Decimal) else content)
    return found
