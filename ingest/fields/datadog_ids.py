"""Ids of Datadog, as OpenTelemetry writes the same numbers: 16 and 32 hex digits."""

from __future__ import annotations

import re

from ingest.fields.scalars import text

DECIMAL, HEX_TRACE = re.compile(r"\d{1,39}"), re.compile(r"[0-9a-fA-F]{32}")
NO_PARENT = frozenset({"undefined", "0", ""})


def span_id(value: object) -> str | None:
    """A span's id, a decimal number of 64 bits, in hex; anything else stays as it is."""
    return _in_hex(text(value), 16)


def trace_id(value: object) -> str | None:
    """A trace's id in lower-case hex, also where it is a decimal number of 128 bits."""
    found = text(value)
    return found.lower() if found and HEX_TRACE.fullmatch(found) else _in_hex(found, 32)


def _in_hex(found: str | None, digits: int) -> str | None:
    if found is None or found in NO_PARENT:
        return None
    is_number = DECIMAL.fullmatch(found) is not None and int(found) < 16**digits
    return f"{int(found):0{digits}x}" if is_number else found
