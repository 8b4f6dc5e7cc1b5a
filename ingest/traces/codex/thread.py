"""One thread of Codex put together from the lines of its rollout.

A model call is what the model wrote between two answers to it: reasoning, messages, calls of tools.
Its usage comes before, between or after these, as the version had it. Usage records say it per
call; without them it is the growth of the running total, which is written again and again. Input
tokens include cached ones. A call starts when its prompt or the last answer of a tool was written.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ingest.fields.failures import is_in_band_error
from ingest.fields.messages import brief, without_data, words
from ingest.fields.objects import member
from ingest.fields.scalars import count, text
from ingest.fields.usage import put_tokens
from ingest.formats import Value
from ingest.traces.transcript.steps import Steps

Row = dict[str, Any]

AGENT = "codex"
COUNTED = (
    "input_tokens",
    "output_tokens",
    "cached_input_tokens",
    "cache_write_input_tokens",
    "reasoning_output_tokens",
)
CALLS = {
    "function_call": "arguments",
    "custom_tool_call": "input",
    "local_shell_call": "action",
    "web_search_call": "action",
    "tool_search_call": "arguments",
    "image_generation_call": "action",
}
ANSWERS = frozenset({"function_call_output", "custom_tool_call_output", "tool_search_output"})
ENDS = {"task_complete": "ok", "turn_complete": "ok", "turn_aborted": "cancelled", "error": "error"}


class Thread(Steps):
    """A thread under way: the model call that is being written, and the totals so far."""

    def __init__(self, run_id: str) -> None:
        super().__init__(run_id)
        self.model: str | None = None
        self.provider: str | None = None
        self.agent = AGENT
        self.end: Row = {"status": "unknown"}
        self.approvals: list[Row] = []
        self.has_records = False
        self.total = (0,) * len(COUNTED)
        self.call: Row | None = None
        self.is_closed = self.is_answered = False
        self.ready: datetime | None = None
        self.latest: datetime | None = None

    def item(self, item: Value, at: datetime | None) -> None:
        """Add what a model, a tool or a person wrote."""
        kind = text(item.get("type"))
        if kind in ANSWERS:
            self._answer(item, at)
        elif kind == "message" and item.get("role") != "assistant":
            self.is_answered = True
        elif kind in CALLS or kind in ("message", "reasoning"):
            is_over = self.is_closed or self.is_answered
            call = self._open(at) if is_over or self.call is None else self.call
            call["ended_at"] = at or call.get("ended_at")
            self._write(self.payload(call), item, kind)
            if kind in CALLS:
                self._use(item, kind, at)

    def prompt(self, message: object, at: datetime | None) -> None:
        """Add what a person wrote; they had the time since the thread last wrote anything."""
        step = self.step(f"user-{len(self.rows)}", "human", "user")
        step["started_at"] = None if at is None else self.latest or at
        step["ended_at"] = at
        self.payload(step)["output"] = without_data(message)
        self.is_answered, self.ready = True, at or self.ready

    def usage(self, stated: Value, response_id: str | None = None) -> None:
        """Set the usage of the call that has none yet, else of one whose text comes after."""
        call = self.call
        if call is None or "input_tokens" in call:
            call = self._open(self.latest)
        else:
            self.is_closed = True
        put_tokens(call, *(count(stated.get(name)) for name in COUNTED))
        call["response_id"] = response_id
        call.setdefault("ended_at", self.latest)

    def count(self, info: Value) -> None:
        """Take the growth of the running total as the usage of one call; no growth is no call."""
        total, before = member(info, "total_token_usage"), self.total
        self.copy_total(info)
        grown = [now - then for now, then in zip(self.total, before, strict=True)]
        if min(grown) < 0:
            self.usage(member(info, "last_token_usage") or total)
        elif any(grown):
            self.usage({k: v for k, v in zip(COUNTED, grown, strict=True) if k in total})

    def copy_total(self, info: Value) -> None:
        """Note the running total, from which that of the next call grows; some events have none."""
        if total := member(info, "total_token_usage"):
            self.total = tuple(count(total.get(name)) or 0 for name in COUNTED)

    def approval(self, event: Value, at: datetime | None) -> None:
        """Note that the thread asked to be allowed a call; what came of it is not told."""
        if at is not None:
            call = self.rows.get(text(event.get("call_id")) or "", {})
            action = call.get("name") or "exec_command"
            asked = {"run_id": self.run_id, "step_id": call.get("step_id"), "action": action}
            self.approvals.append(asked | {"requested_at": at})

    def _open(self, at: datetime | None) -> Row:
        call = self.step(f"model-{len(self.rows)}", "llm", "assistant")
        call["model"], call["provider"] = self.model, self.provider
        call["agent"] = self.agent
        call["started_at"] = None if at is None else self.ready or self.latest
        self.call, self.is_closed, self.is_answered = call, False, False
        return call

    def _write(self, payload: Row, item: Value, kind: str | None) -> None:
        if kind == "reasoning":
            found = words(item.get("summary")) or words(item.get("content"))
            thought = "\n".join(filter(None, (payload.get("rationale"), found)))
            payload["rationale"] = thought or None
        elif kind == "message":
            payload.setdefault("output", []).append(words(item.get("content")))
        else:
            payload.setdefault("output", []).append(without_data(item))

    def _use(self, item: Value, kind: str, at: datetime | None) -> None:
        call_id = text(item.get("call_id")) or text(item.get("id")) or f"{kind}-{len(self.rows)}"
        name = text(item.get("name")) or kind.removesuffix("_call")
        step = self.tool(call_id, name)
        step["agent"], step["system"] = self.agent, text(item.get("namespace"))
        step["started_at"] = at
        self.payload(step)["input"] = without_data(item.get(CALLS[kind]))
        if kind == "web_search_call":
            step["ended_at"] = at

    def _answer(self, item: Value, at: datetime | None) -> None:
        call_id = text(item.get("call_id"))
        self.is_answered, self.ready = True, at or self.ready
        if call_id is None:
            return
        step, answer = self.tool(call_id, None), item.get("output")
        step["agent"], step["ended_at"] = self.agent, at
        if isinstance(answer, dict) and "content" in answer:
            failed, answer = answer.get("success") is False, answer["content"]
        else:
            failed = is_in_band_error({}, answer)
        self.payload(step)["output"] = words(answer) or without_data(answer)
        if failed:
            step["in_band_error"], step["error_message"] = True, brief(answer)

    def event(self, event: Value, at: datetime | None) -> None:
        """Take from an event what the items do not say."""
        kind = text(event.get("type")) or ""
        if kind == "user_message":
            self.prompt(event.get("message"), at)
        elif kind == "token_count" and not self.has_records:
            self.count(member(event, "info"))
        elif kind in ("task_started", "turn_started"):
            self.ready, self.end = at or self.ready, {"status": "unknown"}
        elif kind.endswith("_approval_request"):
            self.approval(event, at)
        elif kind in ENDS:
            reason = text(event.get("reason"))
            self.end = {"status": ENDS[kind], "termination_reason": reason or kind}
            if kind == "error":
                self.end["error_message"] = brief(event.get("message"))

    def compaction(self, at: datetime | None) -> None:
        """Note that the history was replaced by a summary."""
        step = self.step(f"compaction-{len(self.rows)}", "other", "compaction")
        step["started_at"] = step["ended_at"] = at

    def join_texts(self) -> None:
        """A call that only wrote text has that text as its output."""
        for payload in self.payloads.values():
            said = payload.get("output")
            if isinstance(said, list) and all(isinstance(s, str | None) for s in said):
                payload["output"] = "\n".join(filter(None, said)) or None
