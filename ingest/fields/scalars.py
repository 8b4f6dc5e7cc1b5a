"""What an attribute says, or null where it says something else: it costs no span."""

from __future__ import annotations

import math
from typing import Any

Attributes = dict[str, Any]


def text(value: object) -> str | None:
    """Text, or a scalar as text; empty text is unknown."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else None


def number(value: object) -> float | None:
    """A finite number, also when it was sent as text."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def unsigned(value: object) -> float | None:
    """A finite number from 0, such as a cost or how long something took."""
    found = number(value)
    return found if found is not None and found >= 0 else None


def count(value: object) -> int | None:
    """A whole number from 0 that 64 bits hold."""
    if type(value) is int:
        return value if 0 <= value < 2**63 else None
    found = number(value)
    return int(found) if found is not None and 0 <= found < 2**63 and found % 1 == 0 else None


def flag(value: object) -> bool | None:
    """True or false, also when it was sent as text."""
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.lower())
    return value if isinstance(value, bool) else None


def first_text(found: Attributes, *names: str) -> str | None:
    """The text of the first of the attributes that has one."""
    for name in names:
        if name in found and (value := text(found[name])) is not None:
            return value
    return None


def first_count(found: Attributes, *names: str) -> int | None:
    """The whole number of the first of the attributes that has one."""
    for name in names:
        if name in found and (value := count(found[name])) is not None:
            return value
    return None


def first_value(found: Attributes, *names: str) -> Any:
    """The value of the first of the attributes that is neither null nor empty text."""
    for name in names:
        if (value := found.get(name)) is not None and value != "":
            return value
    return None
