"""The events of a sample as steps: model calls, tool calls, what people typed, and spans.

Three generations of logs are read: spans with ids, `step` events that begin and end in order, and
calls that hold the events within them. The span around a tool call is the call itself, told twice,
and no step of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from ingest.fields.objects import objects
from ingest.fields.scalars import text
from ingest.formats import Value
from ingest.traces.inspect_log.calls import Times, When, instant, lasting, put_model, put_tool
from ingest.traces.inspect_log.texts import Texts

Row = dict[str, Any]

SPANS = {"agent": "agent", "scorer": "other", "scorers": "other"}
TOOL = "tool"


class Recorder:
    """The steps of one sample by id, its approvals and scores, and the times it spans."""

    def __init__(self, run_id: str, texts: Texts) -> None:
        self.run_id, self.texts = run_id, texts
        self.steps: dict[str, Row] = {}
        self.payloads: dict[str, Row] = {}
        self.approvals: list[Value] = []
        self.scores: list[Value] = []
        self.first: datetime | None = None
        self.last: datetime | None = None
        self._tool_spans: dict[str, Value] = {}
        self._told: dict[str, str] = {}
        self._begun: list[str] = []

    def record(self, events: list[Value]) -> None:
        """Take all events of the sample."""
        self._walk(events, None, "", (None, None))
        for step in self.steps.values():
            step["parent_step_id"] = self._parent(step["parent_step_id"])
        for step in self.steps.values():
            step["agent"] = self._agent(step)

    def step(self, key: str, parent: str | None, kind: str, name: str, times: Times) -> Row:
        """A new step with its payload; a repeated id means the same step."""
        row = {"run_id": self.run_id, "step_id": key, "parent_step_id": parent, "kind": kind}
        self.steps[key] = row | {"name": name, "started_at": times[0], "ended_at": times[1]}
        self.payloads[key] = {"run_id": self.run_id, "step_id": key, "attributes": {}}
        return self.steps[key]

    def _walk(self, events: list[Value], parent: str | None, prefix: str, within: Times) -> None:
        for event in events:
            if event.get("event") == "span_begin" and event.get("type") == TOOL:
                self._tool_spans[text(event.get("id")) or ""] = event
        times = [within[0], *(instant(event.get("timestamp")) for event in events), within[1]]
        for place, event in enumerate(events):
            when = When(*times[place : place + 3])
            self._span_time(when.at, instant(event.get("completed")))
            if take := TAKEN.get(text(event.get("event")) or ""):
                key = text(event.get("uuid")) or f"{prefix}{place:05d}"
                above = self._begun[-1] if self._begun else parent
                take(self, event, key, text(event.get("span_id")) or above, when)

    def _span_time(self, *times: datetime | None) -> None:
        known = [t for t in (self.first, self.last, *times) if t]
        self.first, self.last = min(known, default=None), max(known, default=None)

    def _parent(self, stated: str | None) -> str | None:
        """The step an event stands in: for the span of a tool call that call, or what is around."""
        seen = set[str]()
        while stated is not None and stated not in self.steps and stated not in seen:
            seen.add(stated)
            around = self._tool_spans.get(stated, {}).get("parent_id")
            stated = self._told.get(stated) or text(around)
        return stated if stated in self.steps else None

    def _agent(self, step: Row) -> str | None:
        seen = set[str]()
        at: Row | None = step
        while at is not None and at["step_id"] not in seen:
            seen.add(at["step_id"])
            if at["kind"] == "agent":
                return str(at["name"])
            at = self.steps.get(at["parent_step_id"] or "")
        return None

    def span_begin(self, event: Value, key: str, _above: str | None, when: When) -> None:
        """A span begins; the id it has is what its events refer to."""
        kind = text(event.get("type")) or ""
        if kind != TOOL:
            name, parent = text(event.get("name")) or kind or "span", text(event.get("parent_id"))
            kind = SPANS.get(kind, "chain")
            self.step(text(event.get("id")) or key, parent, kind, name, (when.at, None))

    def span_end(self, event: Value, _key: str, _above: str | None, when: When) -> None:
        """A span ends."""
        if step := self.steps.get(text(event.get("id")) or ""):
            step["ended_at"] = when.at

    def stage(self, event: Value, key: str, above: str | None, when: When) -> None:
        """A stage of early logs begins, or the one that began last ends."""
        if event.get("action") == "end":
            if self._begun:
                self.steps[self._begun.pop()]["ended_at"] = when.at
            return
        kind = text(event.get("type")) or ""
        name = text(event.get("name")) or kind or "step"
        self.step(key, above, SPANS.get(kind, "chain"), name, (when.at, None))
        self._begun.append(key)

    def model(self, event: Value, key: str, above: str | None, when: When) -> None:
        """A model call."""
        step = self.step(key, above, "llm", "model", lasting(event, when))
        put_model(step, self.payloads[key], event, self.texts)

    def tool(self, event: Value, key: str, above: str | None, when: When) -> None:
        """A tool call, with the events within it in early logs."""
        above = self._in_its_span(text(event.get("function")), above, key)
        step = self.step(key, above, TOOL, TOOL, lasting(event, when))
        put_tool(step, self.payloads[key], event, self.texts)
        self._inner(event, key, step)

    def _in_its_span(self, name: str | None, above: str | None, key: str) -> str | None:
        """Let the call stand for the first free span of its name: the one it stands in or one
        beside it. The step around both is returned."""
        spans = self._tool_spans
        found = next(
            (
                span_id
                for span_id, span in spans.items()
                if span_id not in self._told
                and text(span.get("name")) == name
                and above in (span_id, text(span.get("parent_id")))
            ),
            None,
        )
        if found is None:
            return above
        self._told[found] = key
        return text(spans[found].get("parent_id"))

    def subtask(self, event: Value, key: str, above: str | None, when: When) -> None:
        """A part of the work told as one event, with the events within it."""
        name = text(event.get("name")) or "subtask"
        step = self.step(key, above, "chain", name, lasting(event, when))
        self.payloads[key]["input"] = self.texts.whole(event.get("input"))
        self.payloads[key]["output"] = self.texts.whole(event.get("result"))
        self._inner(event, key, step)

    def _inner(self, event: Value, key: str, step: Row) -> None:
        around, self._begun = self._begun, []
        within = (step["started_at"], step["ended_at"])
        self._walk(objects(event.get("events")), key, f"{key}.", within)
        self._begun = around

    def person(self, event: Value, key: str, above: str | None, when: When) -> None:
        """What a person typed; they had the time since the event before."""
        self.step(key, above, "human", "input", (when.before, when.at))
        self.payloads[key]["output"] = self.texts.whole(event.get("input"))

    def approval(self, event: Value, key: str, _above: str | None, _when: When) -> None:
        """Somebody or something decided on a tool call."""
        self.approvals.append({**event, "uuid": key})

    def score(self, event: Value, _key: str, above: str | None, _when: When) -> None:
        """A scorer gave its score; early logs name it only by the stage it stands in."""
        name = self.steps.get(above or "", {}).get("name")
        self.scores.append({"scorer": name, **event})


Taker = Callable[[Recorder, Value, str, str | None, When], None]
TAKEN: dict[str, Taker] = {
    "span_begin": Recorder.span_begin,
    "span_end": Recorder.span_end,
    "step": Recorder.stage,
    "model": Recorder.model,
    "tool": Recorder.tool,
    "subtask": Recorder.subtask,
    "input": Recorder.person,
    "approval": Recorder.approval,
    "score": Recorder.score,
}
