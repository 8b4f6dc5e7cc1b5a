"""Pages an API answers with: their records stand in a list under a name of the envelope."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ingest.formats import Reject, Value

EMPTY = "empty page"


def excerpt(value: object) -> str:
    """The beginning of a value, for a reject."""
    return json.dumps(value, default=str)[:500]


def items(value: Value, key: str = "data") -> Iterator[tuple[str, Value | Reject]]:
    """The records of a page with their places, `{}` for an empty one; else the value itself."""
    page = value.get(key)
    if not isinstance(page, list):
        yield "", value
        return
    if not page:
        yield "", {}
    for number, found in enumerate(page):
        place = f"{key}[{number}]"
        if isinstance(found, dict):
            yield place, found
        else:
            yield place, Reject("shape", "an object was expected.", place, excerpt(found))
