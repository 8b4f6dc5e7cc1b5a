"""The primitives of OpenTelemetry files: attribute values, ids, times and status.

Each function raises ValueError, in words for the user, where a value has the wrong shape.
"""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from ingest.fields.scalars import Attributes

DEEPEST = 32
LARGEST_TIME_NS = 2**64 - 1
HEX = re.compile("[0-9a-fA-F]+")
STATUS = {
    0: "unset",
    1: "ok",
    2: "error",
    "STATUS_CODE_UNSET": "unset",
    "STATUS_CODE_OK": "ok",
    "STATUS_CODE_ERROR": "error",
    "0": "unset",
    "1": "ok",
    "2": "error",
}
SPAN_KINDS = ("unspecified", "internal", "server", "client", "producer", "consumer")


def attributes(pairs: object, depth: int = 0) -> Attributes:
    """A list of `{key, value}` as a dict; of a repeated key the last value holds."""
    if pairs is None:
        return {}
    if not isinstance(pairs, list):
        raise ValueError("attributes is not a list.")
    found: Attributes = {}
    for pair in pairs:
        if not isinstance(pair, dict) or not isinstance(key := pair.get("key"), str):
            raise ValueError("an attribute is not an object with a key.")
        value = pair.get("value")
        text = value.get("stringValue") if type(value) is dict else None
        found[key] = text if type(text) is str else any_value(value, depth)
    return found


def plain_attributes(value: object) -> Attributes:
    """Attributes as a plain object, as writers of their own put them, or as OTLP lists them."""
    if not isinstance(value, dict):
        return attributes(value)
    _measure(value, 0)
    return value


def _measure(value: object, depth: int) -> None:
    if depth > DEEPEST:
        raise ValueError(f"an attribute value is nested deeper than {DEEPEST} levels.")
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            _measure(inner, depth + 1)


def any_value(value: object, depth: int = 0) -> Any:
    """The plain value of an AnyValue; null for `{}` and for numbers that are not finite."""
    if value is None:
        return None
    if not isinstance(value, dict):
        raise ValueError("an attribute value is not an object.")
    if depth > DEEPEST:
        raise ValueError(f"an attribute value is nested deeper than {DEEPEST} levels.")
    for member, held in value.items():
        if held is not None and member in READERS:
            return READERS[member](held, depth)
    return None


def _text(held: object, _depth: int) -> str:
    if not isinstance(held, str):
        raise ValueError("a text attribute does not hold text.")
    return held


def _integer(held: object, _depth: int) -> int:
    if type(held) is str and len(held) < 19 and held.isascii() and held.isdigit():
        return int(held)
    if isinstance(held, str) and held.isascii() and held.removeprefix("-").isdigit():
        found = int(held) if len(held) <= 20 else 2**63
    elif isinstance(held, float) and held.is_integer():
        found = int(held)
    elif isinstance(held, int) and not isinstance(held, bool):
        found = held
    else:
        raise ValueError("an integer attribute does not hold a whole number.")
    if not -(2**63) <= found < 2**63:
        raise ValueError("an integer attribute is larger than 64 bits hold.")
    return found


def _double(held: object, _depth: int) -> float | None:
    if isinstance(held, bool) or not isinstance(held, str | int | float):
        raise ValueError("a number attribute does not hold a number.")
    try:
        found = float(held)
    except (ValueError, OverflowError):
        raise ValueError("a number attribute does not hold a number.") from None
    return found if math.isfinite(found) else None


def _boolean(held: object, _depth: int) -> bool:
    if not isinstance(held, bool):
        raise ValueError("a true/false attribute does not hold true or false.")
    return held


def _members(held: object) -> list[Any]:
    values = held.get("values") if isinstance(held, dict) else held
    if values is None:
        return []
    if not isinstance(held, dict) or not isinstance(values, list):
        raise ValueError("a list attribute does not hold `values`.")
    return values


def _array(held: object, depth: int) -> list[Any]:
    return [any_value(member, depth + 1) for member in _members(held)]


def _fields(held: object, depth: int) -> Attributes:
    return attributes(_members(held), depth + 1)


READERS: dict[str, Callable[[Any, int], Any]] = {
    "stringValue": _text,
    "string_value": _text,
    "intValue": _integer,
    "int_value": _integer,
    "doubleValue": _double,
    "double_value": _double,
    "boolValue": _boolean,
    "bool_value": _boolean,
    "arrayValue": _array,
    "array_value": _array,
    "kvlistValue": _fields,
    "kvlist_value": _fields,
    "bytesValue": _text,
    "bytes_value": _text,
}


def hex_id(value: object, digits: int) -> str | None:
    """An id as lower-case hex of `digits` digits; null when missing, empty or all zero.

    Text of the length base64 needs for that many bytes is decoded; the two lengths never meet.
    The `0x` before hex digits is not part of the id; base64 may begin so too.
    """
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise ValueError("an id is not text.")
    if len(value) == digits + len("0x"):
        value = value.removeprefix("0x")
    found = value if len(value) == digits else _unpacked(value, digits // 2)
    if len(found) != digits or not HEX.fullmatch(found):
        raise ValueError(f"'{value[:60]}' is not an id of {digits} hex digits or its base64.")
    return found.lower() if found.strip("0") else None


def _unpacked(value: str, size: int) -> str:
    if len(value) != 4 * math.ceil(size / 3):
        return ""
    try:
        return base64.b64decode(value, validate=True).hex()
    except ValueError:
        return ""


def links(value: object) -> list[Any]:
    """The links of a span, their ids in hex where they are ids."""
    found = []
    for link in value if isinstance(value, list) else []:
        if not isinstance(link, dict):
            continue
        ids: dict[str, Any] = {}
        for names, digits in ((("traceId", "trace_id"), 32), (("spanId", "span_id"), 16)):
            with suppress(ValueError):
                ids |= {n: hex_id(link[n], digits) for n in names if n in link}
        found.append({**link, **ids})
    return found


def micros(value: object) -> int | None:
    """Whole microseconds of nanoseconds given as decimal text or number; 0 is unknown."""
    if value is None or value == "":
        return None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 20:
        found = int(value)
    elif isinstance(value, int) and not isinstance(value, bool):
        found = value
    elif isinstance(value, float) and value.is_integer():
        found = int(value)
    else:
        raise ValueError(f"'{str(value)[:60]}' is not a time in nanoseconds.")
    if not 0 <= found <= LARGEST_TIME_NS:
        raise ValueError(f"'{str(found)[:60]}' is not a time in nanoseconds.")
    return found // 1_000 or None


def status(value: object) -> tuple[str, str | None]:
    """The word and the message of a span's status; `{}` and unknown codes are `unset`."""
    if value is None:
        return "unset", None
    if not isinstance(value, dict):
        raise ValueError("status is not an object.")
    code, message = value.get("code", 0), value.get("message")
    word = STATUS.get(code, "unset") if isinstance(code, int | str) else "unset"
    return word, message if isinstance(message, str) and message else None


def span_kind(value: object) -> str | None:
    """The word of a span kind given as number or as `SPAN_KIND_…`; null when unspecified."""
    if isinstance(value, str):
        word = value.removeprefix("SPAN_KIND_").removeprefix("SpanKind.").lower()
        return word if word in SPAN_KINDS[1:] else None
    if isinstance(value, int) and 0 < value < len(SPAN_KINDS):
        return SPAN_KINDS[value]
    return None
