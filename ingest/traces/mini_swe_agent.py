"""Trajectories of mini-SWE-agent (`.traj.json`): one run a file, told as its messages.

Times, tokens and cost (USD) stand in `extra` of a message, in newer versions; older files state
only the cost of the run. An answer of a command is a message of the role tool, or of the user. A
model call starts when the message before it was written, the first when its answer was begun. How
the run ended is no outcome.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal

from ingest.fields.messages import brief, words
from ingest.fields.moments import stated_time
from ingest.fields.objects import member, objects
from ingest.fields.pages import each
from ingest.fields.scalars import number, text, unsigned
from ingest.fields.usage import put_chat_usage
from ingest.formats import Read, Sample, Value
from ingest.hashes import of_value
from ingest.traces.transcript.steps import Steps, facts

NAME = "mini_swe_agent.trajectory"
HOLDS: Literal["whole", "part"] = "whole"
RECORDS = "run_claims"
BASIS: Literal["files", "documentation"] = "files"
OBTAIN = "Load the `.traj.json` files that `mini -o FILE` or `mini-extra swebench -o DIR` wrote."

Row = dict[str, Any]

AGENT = "mini-swe-agent"
STATUS = {"Submitted": "ok", "LimitsExceeded": "timeout", "TimeExceeded": "timeout"}
PROMPTS = 2


def accepts(sample: Sample) -> bool:
    """Whether a value names itself a trajectory of mini-SWE-agent, or is one of an old version."""
    return sample.container == "json" and any(
        (text(v.get("trajectory_format")) or "").startswith(AGENT)
        or ("messages" in v and "mini_version" in member(v, "info"))
        for v in sample.values
    )


def read(values: Iterator[Value]) -> Iterator[Read]:
    """One run a value."""
    return each(values, _runs)


def _runs(value: Value, _: str) -> Iterator[Read]:
    if not isinstance(value.get("messages"), list):
        raise ValueError("it has no list of messages.")
    info, messages = member(value, "info"), objects(value["messages"])
    model = text(member(member(info, "config"), "model").get("model_name"))
    run = _Run(_identity(value, model, messages), model)
    for place, message in enumerate(messages):
        run.take(message, place)
    yield run.record(_claim(run, value, info))


def _identity(value: Value, model: str | None, messages: list[Value]) -> str:
    """The task, the model and the first answer: the same while a running file grows."""
    first = [text(value.get("instance_id")), model]
    answers = [m for m in messages if _is_call(m)]
    return of_value([*first, messages[:PROMPTS], answers[:1]])


def _is_call(message: Value) -> bool:
    extra = member(message, "extra")
    return (
        message.get("role") == "assistant"
        or message.get("object") == "response"
        or isinstance(extra.get("response"), dict)
    )


class _Run(Steps):
    """A run under way: when its last message was written, and the calls that wait for answers."""

    def __init__(self, run_id: str, model: str | None) -> None:
        super().__init__(run_id)
        self.model = model
        self.latest: datetime | None = None
        self.open: list[str] = []

    def take(self, message: Value, place: int) -> None:
        """Add one message."""
        extra, role = member(message, "extra"), message.get("role")
        at = stated_time(extra.get("timestamp"))
        if _is_call(message):
            self._model(message, extra, at, place)
        elif role not in ("system", "exit") and place >= PROMPTS and "interrupt_type" not in extra:
            self._answer(message, extra, at, place)
        self.latest = at or self.latest

    def _model(self, message: Value, extra: Value, at: datetime | None, place: int) -> None:
        response = member(extra, "response")
        if message.get("object") == "response":
            response = message
        step = self.step(f"model-{place}", "llm", "assistant")
        if at is not None:
            begun = stated_time(response.get("created", response.get("created_at")))
            step["started_at"], step["ended_at"] = self.latest or begun or at, at
        step["agent"], step["model"] = AGENT, self.model
        step["response_model"] = text(response.get("model"))
        step["response_id"] = text(response.get("id"))
        choices = objects(response.get("choices"))
        step["finish_reason"] = text(choices[0].get("finish_reason")) if choices else None
        put_chat_usage(step, member(response, "usage"))
        step["cost_usd"] = unsigned(extra.get("cost")) or None
        payload = self.payload(step)
        said, asked = message.get("content"), objects(message.get("tool_calls"))
        payload["output"] = {"content": said, "tool_calls": asked} if asked else said
        payload["output"] = payload["output"] or objects(message.get("output")) or None
        payload["rationale"] = text(message.get("reasoning_content"))
        if message.get("role") not in ("assistant", None):
            step["status"], step["error_message"] = "error", brief(said)
        self.open = [self._use(a, at, place) for a in objects(extra.get("actions"))]

    def _use(self, action: Value, at: datetime | None, place: int) -> str:
        key = text(action.get("tool_call_id")) or f"command-{place}-{len(self.rows)}"
        step = self.tool(key, "bash")
        step["call_id"], step["agent"] = text(action.get("tool_call_id")), AGENT
        step["started_at"] = at
        self.payload(step)["input"] = text(action.get("command")) or action
        return key

    def _answer(self, message: Value, extra: Value, at: datetime | None, place: int) -> None:
        call_id = text(message.get("tool_call_id")) or text(message.get("call_id"))
        key = call_id or (self.open.pop(0) if self.open else f"command-{place}")
        step = self.tool(key, "bash")
        step["call_id"], step["agent"], step["ended_at"] = call_id, AGENT, at
        content = message.get("content", message.get("output"))
        payload = self.payload(step)
        payload["output"] = extra.get("raw_output") or words(content) or content
        if (code := number(extra.get("returncode"))) is not None:
            payload["attributes"] = {"exit_code": int(code)}
        if failed := text(extra.get("exception_info")):
            step["in_band_error"], step["error_message"] = True, brief(failed)


def _claim(run: _Run, value: Value, info: Value) -> Row:
    stats, reason = member(info, "model_stats"), text(info.get("exit_status"))
    is_told = any(s.get("cost_usd") is not None for s in run.rows.values())
    return {
        "service_name": AGENT,
        "version": text(info.get("mini_version")),
        "task_key": text(value.get("instance_id")),
        "status": STATUS.get(reason, "error") if reason else "unknown",
        "termination_reason": reason,
        "cost_usd": None if is_told else unsigned(stats.get("instance_cost")) or None,
        "record_at": run.latest,
        "attributes": facts("mini_swe_agent", stats, "api_calls"),
    }
