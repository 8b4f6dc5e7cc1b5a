"""Sessions of Claude Code as it keeps them: one JSONL a session, and one a subagent.

A record is the run or one of its steps: a model call, a call of a tool, what a person wrote, a
subagent. Lines that tell of no step are ignored by their type. Ids are those of the source, of
message, call or line, so files of one session join and lines copied on resuming add no step.
A line holds the time it was written at; a model call starts when the line before it was written.
There is no cost in newer files, so a price list says it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal

from ingest.fields.messages import brief, words
from ingest.fields.moments import stated_time
from ingest.fields.objects import member
from ingest.fields.rejects import misshapen
from ingest.fields.scalars import count, number, text, unsigned
from ingest.formats import Ignored, Read, Sample, Value
from ingest.traces.claude_code.conversation import SYNTHETIC, Conversation, Said
from ingest.traces.claude_code.results import AGENT, named

NAME = "claude_code.session"
HOLDS: Literal["whole", "part"] = "part"
RECORDS = "steps run_claims"
BASIS: Literal["files", "documentation"] = "files"
OBTAIN = (
    "Copy the folder ~/.claude/projects of the machine Claude Code ran on; it holds one JSONL a"
    " session."
)

Row = dict[str, Any]

SPOKEN = frozenset({"user", "assistant"})
EVENTS = frozenset({"api_error", "compact_boundary"})
DONE = frozenset({"end_turn", "stop_sequence"})
ATTRIBUTES = {
    "cwd": "claude_code.cwd",
    "gitBranch": "claude_code.git_branch",
    "permissionMode": "claude_code.permission_mode",
}


def accepts(sample: Sample) -> bool:
    """Whether any of the values is a line of a session."""
    return sample.container == "json" and any(
        "sessionId" in v and "uuid" in v and "parentUuid" in v and "type" in v
        for v in sample.values
    )


def read(values: Iterator[Value]) -> Iterator[Read]:
    """Every session's claim and steps, after the lines that tell of none."""
    sessions: dict[str, _Session] = {}
    seen: set[str] = set()
    for line in values:
        found = _line(line, sessions, seen)
        if found is not None:
            yield found
    for session in sessions.values():
        yield from session.records()


def _line(line: Value, sessions: dict[str, _Session], seen: set[str]) -> Read | None:
    kind, uuid = text(line.get("type")), text(line.get("uuid"))
    copied = text(member(line, "forkedFrom").get("sessionId"))
    run_id = copied or text(line.get("sessionId"))
    if kind is None:
        return misshapen("it has no type.", line)
    if uuid is None or run_id is None:
        if kind in SPOKEN:
            return misshapen("it has no sessionId or no uuid.", line)
        return Ignored(f"{kind} lines: they tell of no step")
    if uuid in seen:
        return Ignored("lines that stand in the file twice")
    seen.add(uuid)
    session = sessions.get(run_id) or sessions.setdefault(run_id, _Session(run_id))
    return session.take(line, kind, uuid)


class _Session(Conversation):
    """A session under way: the times of its lines, and the subagent each belongs to."""

    is_numbered = False

    def __init__(self, run_id: str) -> None:
        super().__init__(run_id)
        self.times: dict[str, datetime | None] = {}
        self.inside: dict[str, str] = {}
        self.latest: dict[str | None, datetime | None] = {}
        self.facts: Row = {}
        self.last: Row = {}

    def take(self, line: Value, kind: str, uuid: str) -> Read | None:
        """Add a line to its step; an ignored record if it tells of none."""
        self.times[uuid] = stated_time(line.get("timestamp"))
        progress = member(line, "data")
        inner = member(progress, "message")
        if kind == "progress" and (agent := text(progress.get("agentId"))) and inner:
            call_id = text(line.get("parentToolUseID"))
            self.subagent(agent, call_id)["ended_at"] = self.times[uuid]
            return self._spoken(inner, text(inner.get("uuid")) or uuid, agent, self.times[uuid])
        if kind == "system" and text(line.get("subtype")) in EVENTS:
            self._event(line, uuid)
            return None
        if kind not in SPOKEN:
            return Ignored(f"{kind} lines: they tell of no step")
        self._note(line)
        return self._spoken(line, uuid, self._subagent_of(line, uuid), None)

    def _spoken(
        self, line: Value, uuid: str, agent: str | None, before: datetime | None
    ) -> Read | None:
        message = line.get("message")
        if not isinstance(message, dict):
            return misshapen("its message is not an object.", line)
        at = stated_time(line.get("timestamp")) or before
        start = self.times.get(text(line.get("parentUuid")) or "") or self.latest.get(agent)
        said = Said(message, uuid, at, start, agent, line.get("toolUseResult"))
        self.latest[agent] = at or self.latest.get(agent)
        if line.get("type") == "assistant":
            return self._model(line, said)
        if line.get("isMeta") is True or line.get("isCompactSummary") is True:
            return Ignored("user lines that the program wrote itself")
        self._ended(said, {})
        return None if self.user(said) else Ignored("user lines: the task of a subagent, or empty")

    def _model(self, line: Value, said: Said) -> Read | None:
        message = said.message
        if message.get("model") != SYNTHETIC:
            step = self.assistant(said)
            _put_stated_cost(step, line)
            self._ended(said, step)
            return None
        if line.get("isApiErrorMessage") is not True:
            return Ignored("assistant lines that no model wrote")
        self._failed(said, text(line.get("error")), words(message.get("content")))
        return None

    def _failed(self, said: Said, error_type: str | None, message: str | None) -> Row:
        """A call that the service refused: no model answered, so it is no model call."""
        step = self.step(said.line_id, "other", "api_error")
        step.update(started_at=said.at, ended_at=said.at, status="error", error_type=error_type)
        step.update(parent_step_id=said.parent, error_message=brief(message))
        self._ended(said, step)
        return step

    def _event(self, line: Value, uuid: str) -> None:
        at, agent = self.times[uuid], self._subagent_of(line, uuid)
        if line.get("subtype") == "api_error":
            error = member(line, "error")
            named, words_of = text(error.get("type")), text(error.get("message"))
            step = self._failed(Said({}, uuid, at, parent=agent), named, words_of)
            step["http_status"] = _http_status(error)
            step["retry_after_ms"] = number(line.get("retryInMs"))
            return
        step = self.step(uuid, "other", "compaction")
        step.update(started_at=at, ended_at=at, parent_step_id=agent)
        told = member(line, "compactMetadata")
        facts = {"trigger": text(told.get("trigger")), "pre_tokens": number(told.get("preTokens"))}
        self.payload(step)["attributes"] = {k: v for k, v in facts.items() if v is not None}

    def _subagent_of(self, line: Value, uuid: str) -> str | None:
        """The step of the subagent that wrote a line; older files do not name it."""
        if line.get("isSidechain") is not True:
            return None
        if agent := text(line.get("agentId")):
            return agent
        above = self.inside.get(text(line.get("parentUuid")) or "")
        if above is None:
            above = uuid
            task = words(member(line, "message").get("content"))
            call_id = next((c for c, prompt in self.tasks.items() if prompt == task), None)
            self.tasks.pop(call_id or "", None)
            self.subagent(above, call_id)["started_at"] = self.times[uuid]
        self.rows[above]["ended_at"] = self.times[uuid]
        self.inside[uuid] = above
        return above

    def _ended(self, said: Said, step: Row) -> None:
        if said.parent is None:
            self.last = step

    def _note(self, line: Value) -> None:
        facts = self.facts
        facts["version"] = text(line.get("version")) or facts.get("version")
        facts["channel"] = text(line.get("entrypoint")) or facts.get("channel")
        told = {name: text(line.get(key)) for key, name in ATTRIBUTES.items()}
        attributes = {k: v for k, v in told.items() if v}
        facts["attributes"] = facts.get("attributes", {}) | attributes

    def records(self) -> Iterator[Read]:
        """The claim of the run, then its steps."""
        if not self.rows:
            return iter(())
        return self.parts(named(self.run_id) | self.facts | self._status())

    def _status(self) -> Row:
        """How the main conversation stands at the end of the file, where its last line says it.

        A call that never got its answer does not make a session that goes on.
        """
        if self.last.get("status") == "error":
            return {"status": "error", "error_message": self.last.get("error_message")}
        reason = self.last.get("finish_reason")
        found: Row = {"termination_reason": reason} if reason else {}
        if reason in DONE:
            return found | {"status": "ok"}
        main = [s for s in self.rows.values() if s.get("agent") == AGENT]
        is_open = any(s.get("ended_at") is None for s in main)
        return found | {"status": "unknown"} if is_open else found


def _http_status(error: Value) -> int | None:
    status = count(error.get("status"))
    return status if status is not None and 100 <= status <= 599 else None


def _put_stated_cost(step: Row, line: Value) -> None:
    """Older versions wrote what a call cost in USD."""
    cost = unsigned(line.get("costUSD"))
    if cost is not None:
        step["cost_usd"] = cost
