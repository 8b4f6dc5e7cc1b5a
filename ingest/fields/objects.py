"""Objects inside a record: as an object whatever stands there, and with dotted names."""

from __future__ import annotations

from typing import Any

from ingest.fields.scalars import Attributes

DEEPEST = 8


def as_object(value: object) -> Attributes:
    """The object, empty where there is none."""
    return value if isinstance(value, dict) else {}


def flat(value: Attributes, prefix: str = "", depth: int = 0) -> Attributes:
    """The scalars and lists below an object by their dotted names, without what is empty."""
    found: dict[str, Any] = {}
    for name, held in value.items():
        if isinstance(held, dict) and held and depth < DEEPEST:
            found |= flat(held, f"{prefix}{name}.", depth + 1)
        elif held is not None and held != {} and held != []:
            found[f"{prefix}{name}"] = held
    return found
