"""Events of OpenHands version 0: an action, and the observation whose `cause` is its id.

Every action of the agent came from a model call, which `tool_call_metadata` may hold with its
usage. The oldest events have their arguments in `extras` and no cause: an observation is that of
the last action. Times have no zone.
"""

from __future__ import annotations

from datetime import datetime

from ingest.fields.moments import stated_time
from ingest.fields.objects import member, objects
from ingest.fields.scalars import number, text
from ingest.fields.usage import put_chat_usage
from ingest.formats import Value
from ingest.traces.openhands_run.run import Run

SILENT = frozenset(
    """initialize system recall change_agent_state condensation condensation_request null
    loop_recovery""".split()
)
MESSAGE = "message"


class Actions(Run):
    """A run of version 0 under way."""

    def __init__(self, run_id: str) -> None:
        super().__init__(run_id)
        self.named: str | None = None
        self.open: str | None = None

    def take(self, event: Value, place: int) -> None:
        """Add one event."""
        at = stated_time(event.get("timestamp"))
        action, observation = text(event.get("action")), text(event.get("observation"))
        self.named = text(member(event, "extras").get("LLM_MODEL")) or self.named
        if observation is not None:
            self._observation(event, observation, at)
        elif action is not None and action not in SILENT:
            self._action(event, action, place, at)
        self.latest = at or self.latest

    def _action(self, event: Value, action: str, place: int, at: datetime | None) -> None:
        arguments = member(event, "args") or member(event, "extras")
        key = f"event-{text(event.get('id')) or place}"
        if event.get("source") == "user":
            if action == MESSAGE:
                self.person(key, text(arguments.get("content")) or event.get("message"), at)
            return
        told = member(event, "tool_call_metadata")
        response = member(told, "model_response")
        step = self.model(text(response.get("id")), place, at)
        step["model"] = step.get("model") or text(response.get("model")) or self.named
        if step.get("input_tokens") is None and (usage := member(response, "usage")):
            put_chat_usage(step, usage)
        if totals := member(event, "llm_metrics"):
            self.growth(step, totals)
        payload = self.payload(step)
        choices = objects(response.get("choices"))
        said = member(choices[0], "message") if choices else {}
        payload["rationale"] = payload.get("rationale") or text(arguments.get("thought"))
        content = text(arguments.get("content")) or event.get("message")
        payload["output"] = payload.get("output") or said or content
        if action != MESSAGE:
            self.open = key
            name = text(told.get("function_name")) or action
            call = self.asked(key, name, arguments, at)
            call["call_id"] = text(told.get("tool_call_id"))
            if action == "finish":
                call["ended_at"] = at

    def _observation(self, event: Value, observation: str, at: datetime | None) -> None:
        extras, cause = member(event, "extras"), text(event.get("cause"))
        if observation == "agent_state_changed":
            self.stands(text(extras.get("agent_state")))
            return
        key = f"event-{cause}" if cause else self.open or ""
        self.open = None
        if observation == "user_rejected":
            self.refused(key, "human", at)
            return
        failed = observation == "error" or extras.get("error") is True
        self.answered(key, event.get("content"), at, failed)
        code = number(member(extras, "metadata").get("exit_code", extras.get("exit_code")))
        if key in self.rows and code is not None:
            self.payload(self.rows[key])["attributes"] = {"exit_code": int(code)}
        if key in self.rows and observation == "error":
            self.rows[key]["error_type"] = text(extras.get("error_id"))
