"""The rows of one run that is told message by message."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ingest.fields.scalars import number
from ingest.formats import Rows, Value

Row = dict[str, Any]


class Steps:
    """The steps of one run with their payloads, in the order they were first told of.

    Without times the store puts steps in order by their ids: numbers keep the order of the file.
    """

    is_numbered = True

    def __init__(self, run_id: str) -> None:
        self.run_id = run_id
        self.rows: dict[str, Row] = {}
        self.payloads: dict[str, Row] = {}

    def step(self, key: str, kind: str, name: str) -> Row:
        """The step known by that key, made with this kind and name if it is new."""
        row = self.rows.get(key)
        if row is None:
            step_id = f"{len(self.rows):05d}-{key}" if self.is_numbered else key
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

    def record(self, claim: Row, **riding: list[Row]) -> Rows:
        """The run as one record: its claim, its steps, and rows of other tables."""
        claims, steps = [{"run_id": self.run_id} | claim], list(self.rows.values())
        payloads = list(self.payloads.values())
        return {"run_claims": claims, "steps": steps, "payloads": payloads, **riding}

    def parts(self, claim: Row) -> Iterator[Rows]:
        """The claim of the run, then every step, each as a record."""
        yield {"run_claims": [{"run_id": self.run_id} | claim]}
        for step in self.rows.values():
            yield {"steps": [step], "payloads": [self.payload(step)]}


class Transcript(Steps):
    """A run whose steps are messages: each is told once, and known by its place in the run."""

    is_numbered = False

    def add(self, step_id: str, facts: Row, **texts: Any) -> None:
        """One step and what was said in it: `input`, `output`, `rationale`."""
        step = self.step(step_id, facts["kind"], facts["name"])
        step.update(facts)
        self.payload(step).update((k, v) for k, v in texts.items() if v is not None)


def reward_votes(run_id: str, stated: object, name: str = "reward") -> list[Row]:
    """The vote of a reward: from 1 a success, up to 0 a failure, partial between."""
    reward = number(float(stated) if isinstance(stated, bool) else stated)
    if reward is None:
        return []
    outcome = "success" if reward >= 1 else "failure" if reward <= 0 else "partial"
    vote = {"run_id": run_id, "source": "label", "outcome": outcome, "score": reward}
    return [{**vote, "name": name}]


def records(holder: Value, name: str) -> list[Value]:
    """The objects listed under a name; ValueError where it holds anything else but null."""
    found = holder.get(name)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise ValueError(f"{name} is not a list of objects.")
    return found


def facts(prefix: str, holder: Value, *names: str) -> Row:
    """The scalars under the names, as attributes `prefix.name`."""
    found = {f"{prefix}.{name}": holder.get(name) for name in names}
    return {k: v for k, v in found.items() if isinstance(v, str | int | float | bool)}
