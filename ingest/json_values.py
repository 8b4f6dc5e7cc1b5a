"""JSON as it is met: strict first, then with the NaN and Infinity that Python writes."""

from __future__ import annotations

import json
from typing import Any

import orjson

NOT_JSON = (b"NaN", b"Infinity")


def loads(data: bytes) -> Any:
    """The value of JSON text, null for numbers that are none.

    Raises json.JSONDecodeError where it is not JSON.
    """
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        if not any(word in data for word in NOT_JSON):
            raise
    try:
        value = json.loads(data, parse_constant=lambda _: None)
        # Numbers and text that only the lenient parser takes are refused here.
        return orjson.loads(orjson.dumps(value))
    except (TypeError, RecursionError) as error:
        raise json.JSONDecodeError(str(error), "", 0) from error
