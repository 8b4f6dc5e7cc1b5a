"""What the transcripts of coding agents share: times, blocks of content, tokens, run and steps."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from ingest.fields.scalars import first_count, number, text
from ingest.fields.usage import put_tokens
from ingest.formats import Reject, Value

Row = dict[str, Any]

MESSAGE = 500
OLDEST, NEWEST = 1971, 9998


def objects(value: object) -> list[Value]:
    """The objects of a list; what is none is left out."""
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []


def member(holder: object, name: str) -> Value:
    """The object under a name, empty where there is none."""
    found = holder.get(name) if isinstance(holder, dict) else None
    return found if isinstance(found, dict) else {}


def moment(value: object) -> datetime | None:
    """A time from ISO text or seconds since 1970; null for what is no time or a placeholder."""
    try:
        if isinstance(value, str):
            found = datetime.fromisoformat(value)
        elif (seconds := number(value)) is not None:
            found = datetime.fromtimestamp(seconds, UTC)
        else:
            return None
    except (ValueError, OverflowError, OSError):
        return None
    return found if OLDEST <= found.year <= NEWEST else None


def words(content: object) -> str | None:
    """The text of a message's content: text itself, or its blocks that hold text, one a line."""
    if isinstance(content, str):
        return content or None
    parts = [text(block.get("text")) for block in objects(content)]
    return "\n".join(p for p in parts if p) or None


def without_data(value: Any) -> Any:
    """Content with the bytes of pictures and files replaced by how many characters they take."""
    if isinstance(value, list):
        return [without_data(item) for item in value]
    if not isinstance(value, dict):
        return value
    is_source = value.get("type") == "base64"
    return {
        k: f"{len(v)} characters" if is_source and k == "data" and isinstance(v, str) else v
        for k, v in ((k, without_data(v)) for k, v in value.items())
    }


def brief(value: object) -> str | None:
    """The first characters of an error, as text."""
    if value is None or isinstance(value, str):
        return value[:MESSAGE] if value else None
    return words(value) or json.dumps(value, default=str)[:MESSAGE]


def put_chat_usage(step: Row, usage: Value) -> None:
    """Set tokens from a usage object of the OpenAI kind, whose input includes what was cached."""
    asked = member(usage, "prompt_tokens_details") or member(usage, "input_tokens_details")
    said = member(usage, "completion_tokens_details") or member(usage, "output_tokens_details")
    found = {**usage, **asked}
    put_tokens(
        step,
        first_count(usage, "prompt_tokens", "input_tokens"),
        first_count(usage, "completion_tokens", "output_tokens"),
        first_count(found, "cached_tokens", "cache_read_input_tokens", "cache_read_tokens"),
        first_count(
            found, "cache_creation_tokens", "cache_creation_input_tokens", "cache_write_tokens"
        ),
        first_count({**usage, **said}, "reasoning_tokens"),
    )


class Steps:
    """The steps of one run with their payloads, in the order they were first told of.

    Steps of a source without times are put in order by their ids: `is_ordered` numbers them.
    """

    is_ordered = True

    def __init__(self, run_id: str) -> None:
        self.run_id = run_id
        self.rows: dict[str, Row] = {}
        self.payloads: dict[str, Row] = {}

    def step(self, key: str, kind: str, name: str) -> Row:
        """The step known by that key, made with this kind and name if it is new."""
        row = self.rows.get(key)
        if row is None:
            step_id = f"{len(self.rows):05d}-{key}" if self.is_ordered else key
            row = {"run_id": self.run_id, "step_id": step_id, "kind": kind, "name": name}
            self.rows[key] = row
            self.payloads[step_id] = {"run_id": self.run_id, "step_id": step_id, "attributes": {}}
        return row

    def tool(self, call_id: str, name: str | None) -> Row:
        """The call of a tool; one without a name is told of by its answer only."""
        row = self.step(call_id, "tool", name or "unknown")
        row["call_id"] = call_id
        if name:
            row["name"] = row["tool"] = name
        return row

    def payload(self, step: Row) -> Row:
        """The payload of a step."""
        return self.payloads[step["step_id"]]

    def lists(self) -> dict[str, list[Row]]:
        """All steps and payloads, for a format whose record is the run."""
        return {"steps": list(self.rows.values()), "payloads": list(self.payloads.values())}


def misshapen(value: object, reason: str, place: str = "") -> Reject:
    """The reject of a record that is not of the shape it should have."""
    return Reject("shape", reason, place, json.dumps(value, default=str)[:MESSAGE])
