"""Objects inside a record: as an object whatever stands there, and with dotted names."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import orjson

from ingest.fields.scalars import Attributes

DEEPEST = 8


def as_object(value: object) -> Attributes:
    """The object, empty where there is none."""
    return value if isinstance(value, dict) else {}


def member(holder: object, name: str) -> Attributes:
    """The object under a name, empty where there is none."""
    return as_object(holder.get(name)) if isinstance(holder, dict) else {}


def objects(value: object) -> list[Attributes]:
    """The objects of a list; what is none is left out."""
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []


def decoded(content: Any) -> Any:
    """The object, list or text a JSON text holds, else the text; any other value as it is."""
    if not isinstance(content, str) or content.lstrip()[:1] not in ("{", "[", '"'):
        return content
    return from_json(content)


def from_json(content: Any) -> Any:
    """The value of any type a JSON text holds, also a number; else the text, or what it is."""
    if not isinstance(content, str):
        return content
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        return content


def mapping(content: Any) -> Attributes:
    """An object, also as JSON text or as the pairs a Parquet map becomes; else empty."""
    found = decoded(content)
    if isinstance(found, list):
        pairs = [p for p in found if isinstance(p, tuple) and len(p) == 2]
        pairs += [(p["key"], p.get("value")) for p in found if isinstance(p, dict) and "key" in p]
        found = {str(k): v for k, v in pairs}
    return {str(k): float(v) if isinstance(v, Decimal) else v for k, v in as_object(found).items()}


def flat(value: Attributes, prefix: str = "", depth: int = 0) -> Attributes:
    """The scalars and lists below an object by their dotted names, without what is empty."""
    found: dict[str, Any] = {}
    for name, held in value.items():
        if isinstance(held, dict) and held and depth < DEEPEST:
            found |= flat(held, f"{prefix}{name}.", depth + 1)
        elif held is not None and held != {} and held != []:
            found[f"{prefix}{name}"] = held
    return found
