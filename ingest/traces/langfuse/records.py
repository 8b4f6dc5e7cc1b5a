"""Records of any Langfuse export under the same names: snake_case, typed, without what is empty."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson

from ingest.casts import Clock
from ingest.fields.names import snake
from ingest.formats import Ignored, Reject, Value

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
DEEPEST = 8


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


def decoded(content: Any) -> Any:
    """The JSON value a text holds, else the text; any other value as it is."""
    if not isinstance(content, str) or content[:1] not in ("{", "[", '"'):
        return content
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        return content


def mapping(content: Any) -> Row:
    """An object, also as JSON text or as the list of pairs a Parquet map becomes; else empty."""
    content = decoded(content)
    if isinstance(content, list) and all(isinstance(p, tuple) and len(p) == 2 for p in content):
        content = dict(content)
    if not isinstance(content, dict):
        return {}
    return {
        str(k): float(v) if isinstance(v, Decimal) else v
        for k, v in content.items()
        if v is not None
    }


def flat(content: Row, prefix: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """The scalars and lists below an object with their dotted names."""
    for name, value in content.items():
        if isinstance(value, dict) and value and depth < DEEPEST:
            yield from flat(value, f"{prefix}{name}.", depth + 1)
        elif value is not None and value != {} and value != []:
            yield f"{prefix}{name}", value


def moment(record: Row, *names: str) -> int | None:
    """The first of the times, in microseconds since 1970; one without a zone is UTC.

    The start of 1970 stands for a time that is not known. ValueError for what is no time.
    """
    for name in names:
        stated = record.get(name)
        if stated is None:
            continue
        if not isinstance(stated, str | datetime):
            raise ValueError(f"{name}: '{str(stated)[:60]}' is not an ISO 8601 time.")
        try:
            return Clock().micros(stated) or None
        except (ValueError, OverflowError) as error:
            raise ValueError(f"{name}: {error}.") from error
    return None


def listed(value: Value, *keys: str) -> Iterator[tuple[str, Value | Reject | Ignored]]:
    """The records of an envelope with their places, or the value itself where it is none."""
    key = next((k for k in keys if isinstance(value.get(k), list)), None)
    if key is None:
        yield "", value
        return
    if not value[key]:
        yield "", Ignored("empty page")
    for number, found in enumerate(value[key]):
        place = f"{key}[{number}]"
        if isinstance(found, dict):
            yield place, found
        else:
            yield place, reject(ValueError("an object was expected."), found, place)


def reject(error: Exception, value: Any, place: str) -> Reject:
    """What cannot be loaded, with the words of the error."""
    return Reject("shape", str(error), place, json.dumps(value, default=str)[:500])
