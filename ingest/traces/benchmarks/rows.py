"""The rows of one run that is told message by message."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ingest.fields.scalars import number, text
from ingest.formats import Rows, Value

Row = dict[str, Any]

LONGEST_MESSAGE = 500


class Transcript:
    """The steps of one run and their texts, in the order in which they are added."""

    def __init__(self, run_id: str) -> None:
        self.run_id = run_id
        self.steps: list[Row] = []
        self.payloads: list[Row] = []

    def add(self, step_id: str, facts: Row, **texts: Any) -> None:
        """One step and what was said in it: `input`, `output`, `rationale`."""
        key = {"run_id": self.run_id, "step_id": step_id}
        self.steps.append(key | facts)
        said = {k: v for k, v in texts.items() if v is not None}
        self.payloads.append(key | said | {"attributes": {}})

    def rows(self, claim: Row, **riding: list[Row]) -> Rows:
        """The record of the run: its claim, what was added, and rows of other tables."""
        claims = [{"run_id": self.run_id} | claim]
        return {"run_claims": claims, "steps": self.steps, "payloads": self.payloads, **riding}


def reward_votes(run_id: str, stated: object, name: str = "reward") -> list[Row]:
    """The vote of a reward: from 1 a success, up to 0 a failure, partial between."""
    reward = number(float(stated) if isinstance(stated, bool) else stated)
    if reward is None:
        return []
    outcome = "success" if reward >= 1 else "failure" if reward <= 0 else "partial"
    vote = {"run_id": run_id, "source": "label", "outcome": outcome, "score": reward}
    return [{**vote, "name": name}]


def said(content: object) -> Any:
    """What a message says: text blocks joined, anything else as it stands."""
    if not isinstance(content, list):
        return content
    texts = [_text_of(block) for block in content]
    known = [t for t in texts if t is not None]
    return "\n".join(known) or None if len(known) == len(texts) else content


def _text_of(block: object) -> str | None:
    if isinstance(block, str):
        return block
    if not isinstance(block, dict) or block.get("type") not in (None, "text"):
        return None
    found = block.get("text", block.get("content"))
    return found if isinstance(found, str) else None


def mapping(holder: Value, name: str) -> Value:
    """The object under a name, empty where there is none."""
    found = holder.get(name)
    return found if isinstance(found, dict) else {}


def records(holder: Value, name: str) -> list[Value]:
    """The objects listed under a name; ValueError where it holds anything else but null."""
    found = holder.get(name)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise ValueError(f"{name} is not a list of objects.")
    return found


def is_later(one: datetime, other: datetime) -> bool:
    """Whether one time is after another; never where only one of them has a zone."""
    if (one.tzinfo is None) != (other.tzinfo is None):
        return False
    return one > other


def brief(value: object) -> str | None:
    """An error's message, cut to what a table shows."""
    return (text(value) or "")[:LONGEST_MESSAGE] or None


def facts(prefix: str, holder: Value, *names: str) -> Row:
    """The scalars under the names, as attributes `prefix.name`."""
    found = {f"{prefix}.{name}": holder.get(name) for name in names}
    return {k: v for k, v in found.items() if isinstance(v, str | int | float | bool)}
