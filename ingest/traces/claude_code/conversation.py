"""Messages of Claude Code put together into steps, wherever they were written down.

One model call stands on several lines, a block of content each, with the same message id: it is
one step, and its usage is that of its last line. A call of a tool is joined to its answer by id.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from ingest.fields.messages import brief, without_data, words
from ingest.fields.objects import member, objects
from ingest.fields.scalars import text
from ingest.formats import Value
from ingest.traces.claude_code.results import AGENT, put_usage
from ingest.traces.transcript.steps import Steps

Row = dict[str, Any]

SYNTHETIC = "<synthetic>"
USES = frozenset({"tool_use", "server_tool_use", "mcp_tool_use"})
CLOUDS = {"msg_bdrk_": "aws.bedrock", "msg_vrtx_": "gcp.vertex_ai"}


class Said(NamedTuple):
    """A message, the id of its line, its time and the time of what it follows, and who spoke.

    `parent` is the step of the subagent it belongs to, null for the main conversation.
    """

    message: Value
    line_id: str
    at: datetime | None = None
    before: datetime | None = None
    parent: str | None = None
    result: Any = None


class Conversation(Steps):
    """One session as it is read: its steps, and what is known of its subagents."""

    def __init__(self, run_id: str) -> None:
        super().__init__(run_id)
        self.tasks: dict[str, str] = {}

    def assistant(self, said: Said) -> Row:
        """Add one line of a model call to its step, and the calls of tools it asks for."""
        message = said.message
        step = self.step(text(message.get("id")) or said.line_id, "llm", "assistant")
        payload = self.payload(step)
        if "started_at" not in step:
            step["started_at"] = said.before or said.at
        step["ended_at"] = said.at or step.get("ended_at")
        self._place(step, said)
        step["model"] = step["response_model"] = text(message.get("model"))
        step["response_id"] = text(message.get("id"))
        step["provider"] = _provider(step)
        step["finish_reason"] = text(message.get("stop_reason")) or step.get("finish_reason")
        if usage := member(message, "usage"):
            put_usage(step, usage)
        for block in _blocks(message):
            self._block(block, said, payload)
        return step

    def _block(self, block: Value, said: Said, payload: Row) -> None:
        kind = text(block.get("type"))
        if kind == "thinking":
            found = text(block.get("thinking"))
            thought = "\n".join(filter(None, (payload.get("rationale"), found)))
            payload["rationale"] = thought or None
        elif kind != "redacted_thinking":
            payload.setdefault("output", []).append(without_data(block))
        if kind in USES:
            self._use(block, said)
        elif "tool_use_id" in block:
            self._answer(block, said)

    def _use(self, block: Value, said: Said) -> None:
        call_id = text(block.get("id"))
        if call_id is None:
            return
        name = text(block.get("name"))
        step = self.tool(call_id, name)
        step["started_at"] = said.at
        self._place(step, said)
        if name and name.startswith("mcp__"):
            step["system"] = name.split("__")[1] or None
        asked = block.get("input")
        self.payload(step)["input"] = without_data(asked)
        if isinstance(asked, dict) and "prompt" in asked and name in ("Task", "Agent"):
            step["handoff_to"] = text(asked.get("subagent_type"))
            self.tasks[call_id] = text(asked["prompt"]) or ""

    def user(self, said: Said) -> bool:
        """Add the answers of tools that a line holds, or what a person wrote; whether it did."""
        blocks = _blocks(said.message)
        answers = [b for b in blocks if "tool_use_id" in b]
        for block in answers:
            self._answer(block, said)
        if answers or said.parent is not None or not blocks:
            return bool(answers)
        step = self.step(said.line_id, "human", "user")
        step["started_at"], step["ended_at"] = said.before or said.at, said.at
        self.payload(step)["output"] = words(blocks) or without_data(blocks)
        return True

    def _answer(self, block: Value, said: Said) -> None:
        call_id = text(block.get("tool_use_id"))
        if call_id is None:
            return
        step = self.tool(call_id, None)
        self._place(step, said)
        step["ended_at"] = said.at
        content = without_data(block.get("content"))
        self.payload(step)["output"] = words(content) or content
        if block.get("is_error") is True:
            step["in_band_error"], step["error_message"] = True, brief(content)
        if isinstance(said.result, dict) and (agent := text(said.result.get("agentId"))):
            self.subagent(agent, call_id)["ended_at"] = said.at

    def subagent(self, key: str, call_id: str | None) -> Row:
        """The step of a subagent below the call that started it."""
        call = self.rows.get(call_id or "", {})
        name = call.get("handoff_to") or "subagent"
        step = self.step(key, "agent", name)
        step["agent"] = name
        step["parent_step_id"] = call.get("step_id", call_id)
        step["started_at"] = step.get("started_at") or call.get("started_at")
        return step

    def _place(self, step: Row, said: Said) -> None:
        step["parent_step_id"] = said.parent
        if said.parent is None:
            step["agent"] = AGENT


def _blocks(message: Value) -> list[Value]:
    content = message.get("content")
    if isinstance(content, str):
        return [{"type": "text", "text": content}] if content else []
    return objects(content)


def _provider(step: Row) -> str | None:
    """Who served a model of Anthropic, told from the id of the message; null for other models."""
    if "claude" not in (step["model"] or ""):
        return None
    named = step["response_id"] or ""
    return next((p for prefix, p in CLOUDS.items() if named.startswith(prefix)), "anthropic")
