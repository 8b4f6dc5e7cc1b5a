"""SHA-256 of canonical JSON (RFC 8785), or of UTF-8 bytes for text that is not JSON."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson
import rfc8785

EXACT_INTEGERS = 2**53


def sha256(data: bytes) -> str:
    """The hash as 64 hex digits."""
    return hashlib.sha256(data).hexdigest()


def of_value(value: Any) -> str:
    """The hash of a JSON value or a text; text holding an object or array is that value."""
    if isinstance(value, str):
        parsed = parse_json(value)
        if parsed is None:
            return sha256(value.encode("utf-8", "surrogatepass"))
        value = parsed
    return sha256(canonical(value))


def parse_json(text: str) -> Any:
    """The JSON object or array a text holds, else None."""
    if text[:1] not in ("{", "["):
        return None
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


def canonical(value: Any) -> bytes:
    """RFC 8785 bytes of a JSON value; numbers beyond its range keep their plain spelling.

    orjson writes the same bytes, and far faster, wherever there is neither a fraction, nor a
    number beyond 2**53, nor a key outside ASCII.
    """
    if _is_simple(value):
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    try:
        return rfc8785.dumps(value)
    except rfc8785.CanonicalizationError:
        return orjson.dumps(
            value, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS, default=str
        )


def _is_simple(value: Any) -> bool:
    if isinstance(value, str):
        return value.isascii()
    if isinstance(value, dict):
        return all(k.isascii() and _is_simple(v) for k, v in value.items())
    if isinstance(value, list):
        return all(map(_is_simple, value))
    return value is None or (isinstance(value, int) and abs(value) < EXACT_INTEGERS)


def shape(value: Any) -> Any:
    """The value with every scalar replaced by its type name, lists by their first item's shape."""
    if isinstance(value, dict):
        return {str(k): shape(v) for k, v in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__
