"""What `claude -p --output-format stream-json` (or json with --verbose) prints: one run a session.

A record is the run or one of its steps. The lines hold no times. The usage on them was written
while the answer was still coming and is too small: tokens and cost (USD) of the run are those of
the closing `result`. Where a stream was cut before it, only the input of its calls is known.
A call that was not permitted did not run; without a time it is no row of approvals. Steps are
numbered, so that they keep their order: load the stream of a run or its session file, not both.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from ingest.fields.moments import stated_time
from ingest.fields.objects import objects
from ingest.fields.rejects import misshapen
from ingest.fields.scalars import text
from ingest.fields.usage import TOKENS
from ingest.formats import Ignored, Read, Sample, Value
from ingest.traces.claude_code.conversation import Conversation, Said
from ingest.traces.claude_code.results import Row, named, result_facts

NAME = "claude_code.stream"
HOLDS: Literal["whole", "part"] = "part"
RECORDS = "steps run_claims"
BASIS: Literal["files", "documentation"] = "documentation"
OBTAIN = "Run `claude -p --verbose --output-format stream-json …` and keep what it prints."


def accepts(sample: Sample) -> bool:
    """Whether any of the values opens a session or is a message of one."""
    return sample.container == "json" and any(map(_is_line, sample.values))


def _is_line(value: Value) -> bool:
    if not isinstance(value.get("session_id"), str) or "sessionId" in value:
        return False
    if value.get("type") == "system":
        return value.get("subtype") == "init" and "tools" in value
    message = value.get("message")
    spoken = value.get("type") in ("assistant", "user") and isinstance(message, dict)
    return spoken and "parent_tool_use_id" in value


def read(values: Iterator[Value]) -> Iterator[Read]:
    """Every session's claim and steps, after the lines that tell of none."""
    sessions: dict[str, _Stream] = {}
    for number, line in enumerate(values):
        run_id = text(line.get("session_id"))
        if run_id is None:
            yield misshapen("it has no session_id.", line)
            continue
        session = sessions.get(run_id) or sessions.setdefault(run_id, _Stream(run_id))
        found = session.take(line, f"line {number}")
        if found is not None:
            yield found
    for session in sessions.values():
        yield from session.records()


class _Stream(Conversation):
    """A session under way, and its closing result."""

    def __init__(self, run_id: str) -> None:
        super().__init__(run_id)
        self.result: Value = {}
        self.version: str | None = None

    def take(self, line: Value, place: str) -> Read | None:
        """Add a line to its step; an ignored record if it tells of none."""
        kind = text(line.get("type")) or "unnamed"
        if kind == "result":
            self.result = line
        elif kind == "system" and line.get("subtype") == "init":
            self.version = text(line.get("claude_code_version")) or self.version
        elif kind not in ("assistant", "user"):
            return Ignored(f"{kind} lines: they tell of no step")
        elif not isinstance(message := line.get("message"), dict):
            return misshapen("its message is not an object.", line)
        else:
            said = self._said(line, message, text(line.get("uuid")) or place)
            if kind == "assistant":
                self.assistant(said)
            elif not self.user(said):
                return Ignored("user lines: the task of a subagent, or empty")
        return None

    def _said(self, line: Value, message: Value, line_id: str) -> Said:
        call_id = text(line.get("parent_tool_use_id"))
        agent = None
        if call_id is not None:
            agent = self.subagent(f"{call_id}/agent", call_id)["step_id"]
        return Said(message, line_id, stated_time(line.get("timestamp")), parent=agent)

    def records(self) -> Iterator[Read]:
        """The claim of the run, then its steps without the usage that is too small."""
        for denied in objects(self.result.get("permission_denials")):
            if (call_id := text(denied.get("tool_use_id"))) in self.rows:
                self.rows[call_id or ""]["is_executed"] = False
        too_small = TOKENS if self.result else ("output_tokens",)
        for step in self.rows.values():
            for name in too_small:
                step.pop(name, None)
        told: Row = {} if self.result else {"status": "unknown"}
        claim = named(self.run_id) | {"version": self.version} | told | result_facts(self.result)
        return self.parts(claim)
