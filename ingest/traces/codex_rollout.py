"""Rollouts of Codex, the JSONL it keeps of every thread; a record is the thread, a whole run.

Newer lines are {timestamp, type, payload}. Older files begin with a bare header and hold bare items
without times; the oldest are one JSON object {session, items}. A fork or a subagent starts with a
copy of its parent's lines: they are the parent's run and are skipped. There is no cost in the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal

from ingest.fields.messages import words
from ingest.fields.moments import after, is_later, stated_time
from ingest.fields.objects import member, objects
from ingest.fields.rejects import misshapen
from ingest.fields.scalars import text
from ingest.formats import Read, Sample, Value
from ingest.traces.codex.thread import AGENT, ANSWERS, CALLS, Thread

NAME = "codex.rollout"
HOLDS: Literal["whole", "part"] = "whole"
RECORDS = "run_claims"
BASIS: Literal["files", "documentation"] = "files"
OBTAIN = "Copy the folder ~/.codex/sessions of the machine Codex ran on; it holds a JSONL a thread."

Row = dict[str, Any]

HEADER = frozenset({"id", "timestamp", "instructions"})
BARE = frozenset({"message", "reasoning", *CALLS, *ANSWERS})
COPYING = 2
"""Seconds in which the lines of a parent are copied."""
ATTRIBUTES = {
    "cwd": "codex.cwd",
    "originator": "codex.originator",
    "model_provider": "codex.model_provider",
    "agent_nickname": "codex.agent_nickname",
    "approval_policy": "codex.approval_policy",
    "effort": "codex.effort",
}


def accepts(sample: Sample) -> bool:
    """Whether the values are lines of a rollout, or whole old ones."""
    if sample.container != "json":
        return False
    if any(v.get("type") == "session_meta" and "payload" in v for v in sample.values):
        return True
    if any(map(_is_header, sample.values[:1])):
        return any("record_type" in v or text(v.get("type")) in BARE for v in sample.values[1:])
    return any(_has_items(v) and HEADER.issubset(v["session"]) for v in sample.values)


def _has_items(value: Value) -> bool:
    """Whether a value is a rollout of one JSON object."""
    return isinstance(value.get("session"), dict) and bool(objects(value.get("items")))


def _is_header(line: Value) -> bool:
    return HEADER.issubset(line) and "type" not in line and "messages" not in line


def read(values: Iterator[Value]) -> Iterator[Read]:
    """One run a thread, when the next one begins or the file ends."""
    lines: list[Value] = []
    for value in values:
        if _has_items(value):
            yield _run([{"payload": value["session"]}, *objects(value["items"])])
        elif (started := _meta(value)) is not None:
            if lines and not _is_copy(started, lines):
                yield _run(lines)
                lines = []
            lines.append(value)
        elif not lines:
            yield misshapen("it stands before the first line of a thread.", value)
        elif "payload" in value and not isinstance(value["payload"], dict):
            yield misshapen("its payload is not an object.", value)
        else:
            lines.append(value)
    if lines:
        yield _run(lines)


def _meta(line: Value) -> Value | None:
    """What a thread says of itself, if the line begins one."""
    if _is_header(line):
        return line
    payload = line.get("payload")
    is_meta = line.get("type", "session_meta") == "session_meta"
    return payload if is_meta and isinstance(payload, dict) else None


def _is_copy(meta: Value, lines: list[Value]) -> bool:
    """Whether a further beginning is the parent's, copied, or the thread's own, written again."""
    metas = [found for line in lines if (found := _meta(line)) is not None]
    ids = {text(metas[0].get("id")), *map(_parent, metas)}
    return text(meta.get("id")) in ids - {None}


def _parent(meta: Value) -> str | None:
    spawned = member(member(member(meta, "source"), "subagent"), "thread_spawn")
    named = (meta.get("parent_thread_id"), spawned.get("parent_thread_id"))
    return next(filter(None, map(text, (*named, meta.get("forked_from_id")))), None)


def _run(lines: list[Value]) -> Read:
    meta = _meta(lines[0]) or {}
    run_id = text(meta.get("id"))
    if run_id is None:
        return misshapen("its session_meta has no id.", lines[0])
    thread = Thread(run_id)
    thread.provider = text(meta.get("model_provider"))
    thread.agent = text(meta.get("agent_role")) or AGENT
    thread.has_records = any(line.get("type") == "token_usage_record" for line in lines)
    told = any(member(line, "payload").get("type") == "user_message" for line in lines)
    thread.latest = stated_time(meta.get("timestamp"))
    facts, history = dict(meta), _History(run_id)
    for line in lines[1:]:
        at = stated_time(line.get("timestamp"))
        if history.holds(line, at):
            thread.copy_total(member(member(line, "payload"), "info"))
        else:
            _take(thread, line, at, facts, told)
            thread.latest = at or thread.latest
    thread.join_texts()
    return thread.record(_claim(thread, meta, facts), approvals=thread.approvals)


class _History:
    """Tells the lines a thread copied from its parent: they come in one burst at its beginning."""

    def __init__(self, run_id: str) -> None:
        self.run_id = run_id
        self.since: datetime | None = None
        self.is_on = False

    def holds(self, line: Value, at: datetime | None) -> bool:
        """Whether the line is copied; ids of turns and threads are ordered in time."""
        meta = _meta(line)
        if meta is not None:
            self.is_on = self.is_on or text(meta.get("id")) != self.run_id
            self.since = self.since or at
            return True
        turn = text(member(line, "payload").get("turn_id"))
        is_late = is_later(at, after(self.since, COPYING))
        if is_late or (turn is not None and turn > self.run_id):
            self.is_on = False
        return self.is_on


def _take(thread: Thread, line: Value, at: datetime | None, facts: Row, told: bool) -> None:
    kind = line.get("type")
    payload = member(line, "payload") if "payload" in line else line
    if kind == "turn_context":
        thread.model = text(payload.get("model")) or thread.model
        facts.update((k, payload[k]) for k in ("approval_policy", "effort") if k in payload)
    elif kind == "event_msg":
        thread.event(payload, at)
    elif kind == "token_usage_record":
        thread.usage(member(payload, "usage"), text(payload.get("response_id")))
    elif kind == "compacted":
        thread.compaction(at)
    elif not told and payload.get("type") == "message" and payload.get("role") == "user":
        thread.prompt(words(payload.get("content")), at)
    elif kind == "response_item" or "payload" not in line:
        thread.item(payload, at)


def _claim(thread: Thread, meta: Value, facts: Row) -> Row:
    source = meta.get("source")
    told = {name: text(facts.get(key)) for key, name in ATTRIBUTES.items()}
    told["codex.git_branch"] = text(member(meta, "git").get("branch"))
    claim = {
        "service_name": AGENT,
        "session_id": text(meta.get("session_id")) or thread.run_id,
        "parent_run_id": _parent(meta),
        "version": text(meta.get("cli_version")),
        "channel": source if isinstance(source, str) else None,
        "record_at": thread.latest,
        "started_at": stated_time(meta.get("timestamp")),
        "attributes": {k: v for k, v in told.items() if v},
    }
    return claim | thread.end
