"""Ids of Datadog, as OpenTelemetry writes the same numbers: 16 and 32 hex digits."""

from __future__ import annotations

import re

from ingest.fields.scalars import text

DECIMAL, HEX_TRACE = re.compile(r"\d{1,39}"), re.compile(r"[0-9a-fA-F]{32}")
NO_PARENT = frozenset({"undefined", "0", ""})


def span_id(value: object) -> str | None:
    """A span's id, a decimal number of 64 bits, in hex; anything else stays as it is."""
    found = text(value)
    if found is None or found in NO_PARENT:
        return None
    is_number = DECIMAL.fullmatch(found) is not None and int(found) < 2**64
    return f"{int(found):016x}" if is_number else found


def trace_id(value: object) -> str | None:
    """A trace's id in lower-case hex, also where it is a decimal number of 128 bits."""
    found = text(value)
    if found is None or found in NO_PARENT:
        return None
    if HEX_TRACE.fullmatch(found):
        return found.lower()
    is_number = DECIMAL.fullmatch(found) is not None and int(found) < 2**128
    return f"{int(found):032x}" if is_number else found
