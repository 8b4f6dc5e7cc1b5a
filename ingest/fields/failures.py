"""Errors that a tool reports inside its answer."""

from __future__ import annotations

import orjson

from ingest.fields.scalars import Attributes, flag

FLAGS = ("mcp.is_error", "gen_ai.tool.call.is_error", "pilot.is_error")
HINTS = ('"isError"', '"is_error"', '"error"', '"success"')


def is_in_band_error(found: Attributes, answer: object) -> bool:
    """Whether a structured flag of the span or of the tool's answer says error; never its words."""
    if any(flag(found.get(name)) for name in FLAGS):
        return True
    if isinstance(answer, str):
        if answer[:1] != "{" or not any(hint in answer for hint in HINTS):
            return False
        try:
            answer = orjson.loads(answer)
        except orjson.JSONDecodeError:
            return False
    if not isinstance(answer, dict):
        return False
    if answer.get("isError") is True or answer.get("is_error") is True:
        return True
    return bool(answer.get("error")) or answer.get("success") is False
