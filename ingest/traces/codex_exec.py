"""What `codex exec --json` prints: one thread, a whole run, without times and without the model.

The usage of a completed turn is the running total of the thread, over all its model calls: it is
the run's, and no step has tokens.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from ingest.fields.messages import brief, without_data
from ingest.fields.objects import member
from ingest.fields.rejects import misshapen
from ingest.fields.scalars import count, text
from ingest.fields.usage import put_tokens
from ingest.formats import Read, Sample, Value
from ingest.traces.codex.thread import AGENT, COUNTED
from ingest.traces.transcript.steps import Steps

NAME = "codex.exec"
HOLDS: Literal["whole", "part"] = "whole"
RECORDS = "run_claims"
BASIS: Literal["files", "documentation"] = "files"
OBTAIN = "Run `codex exec --json …` and keep what it prints."

Row = dict[str, Any]

TOOLS = {
    "command_execution": ("command", "aggregated_output"),
    "file_change": ("changes", "status"),
    "mcp_tool_call": ("arguments", "result"),
    "collab_tool_call": ("prompt", "agents_states"),
    "web_search": ("query", "action"),
}
FAILED = frozenset({"failed", "declined"})


def accepts(sample: Sample) -> bool:
    """Whether a value opens a thread."""
    return sample.container == "json" and any(
        v.get("type") == "thread.started" and "thread_id" in v for v in sample.values
    )


def read(values: Iterator[Value]) -> Iterator[Read]:
    """One run a thread, when the next one begins or the file ends."""
    run: _Exec | None = None
    for event in values:
        kind = text(event.get("type")) or ""
        if kind == "thread.started" and (run_id := text(event.get("thread_id"))):
            if run is not None and run.run_id != run_id:
                yield run.whole()
                run = None
            run = run or _Exec(run_id)
        elif run is None:
            yield misshapen("it stands before the first line of a thread.", event)
        elif kind.startswith("item.") and not isinstance(event.get("item"), dict):
            yield misshapen("its item is not an object.", event)
        else:
            run.take(event, kind)
    if run is not None:
        yield run.whole()


class _Exec(Steps):
    """A thread under way; ids of items begin anew with every turn that was resumed."""

    def __init__(self, run_id: str) -> None:
        super().__init__(run_id)
        self.turn = 0
        self.facts: Row = {"status": "unknown"}
        self.thought: str | None = None

    def take(self, event: Value, kind: str) -> None:
        """Add one event."""
        if kind == "turn.started":
            self.turn += 1
        elif kind == "turn.completed":
            usage = member(event, "usage")
            put_tokens(self.facts, *(count(usage.get(name)) for name in COUNTED))
            self.facts |= {"status": "ok", "termination_reason": kind}
        elif kind in ("turn.failed", "error"):
            error = text(member(event, "error").get("message")) or text(event.get("message"))
            self.facts |= {"status": "error", "termination_reason": kind}
            self.facts["error_message"] = brief(error)
        elif kind.startswith("item."):
            self._item(member(event, "item"))

    def _item(self, item: Value) -> None:
        kind = text(item.get("type")) or text(item.get("item_type")) or "other"
        key = f"{self.turn}-{text(item.get('id')) or len(self.rows)}"
        if kind == "reasoning":
            self.thought = text(item.get("text"))
        elif kind in ("agent_message", "assistant_message"):
            step = self.step(key, "llm", "assistant")
            payload = self.payload(step)
            payload["output"], payload["rationale"] = text(item.get("text")), self.thought
            step["agent"], self.thought = AGENT, None
        elif kind in TOOLS:
            self._tool(key, kind, item)
        elif kind == "error":
            step = self.step(key, "other", "error")
            step["status"], step["error_message"] = "error", brief(item.get("message"))
        elif kind == "todo_list":
            step = self.step(key, "plan", "todo_list")
            self.payload(step)["output"] = item.get("items")

    def _tool(self, key: str, kind: str, item: Value) -> None:
        step = self.tool(key, text(item.get("tool")) or kind)
        step["agent"], step["system"] = AGENT, text(item.get("server"))
        step["call_id"] = text(item.get("id"))
        asked, answered = TOOLS[kind]
        payload = self.payload(step)
        payload["input"] = without_data(item.get(asked))
        payload["output"] = without_data(item.get(answered)) or None
        if (code := count(item.get("exit_code"))) is not None:
            payload["attributes"] = {"exit_code": code}
        error = item.get("error")
        if text(item.get("status")) in FAILED or error:
            step["in_band_error"] = True
            step["error_message"] = brief(member(item, "error").get("message") or error)
            step["is_executed"] = False if item.get("status") == "declined" else None

    def whole(self) -> Read:
        """The run and its steps."""
        return self.record({"session_id": self.run_id, "service_name": AGENT} | self.facts)
