"""Events of OpenHands version 1, told apart by `kind`: messages, actions, observations, states.

Actions of one answer of the model share its `llm_response_id`. Times have no zone.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ingest.fields.messages import brief, words
from ingest.fields.moments import stated_time
from ingest.fields.objects import as_object, member
from ingest.fields.scalars import number, text
from ingest.formats import Value
from ingest.traces.openhands_run.run import Run

Take = Callable[[Value, int, datetime | None], None]


class Events(Run):
    """A run of version 1 under way."""

    def __init__(self, run_id: str) -> None:
        super().__init__(run_id)
        self._kinds: dict[str, Take] = {
            "MessageEvent": self._message,
            "ActionEvent": self._action,
            "ObservationEvent": self._observation,
            "UserRejectObservation": self._rejection,
            "AgentErrorEvent": self._agent_error,
            "ConversationStateUpdateEvent": self._state,
            "ConversationErrorEvent": self._error,
            "Condensation": self._condensation,
        }

    def take(self, event: Value, place: int) -> None:
        """Add one event."""
        at = stated_time(event.get("timestamp"))
        if (kind := text(event.get("kind"))) in self._kinds:
            self._kinds[kind or ""](event, place, at)
        self.latest = at or self.latest

    def _message(self, event: Value, place: int, at: datetime | None) -> None:
        message = member(event, "llm_message")
        content = words(message.get("content")) or message.get("content")
        if event.get("source") == "user":
            self.person(text(event.get("id")) or f"user-{place}", content, at)
        elif event.get("source") == "agent":
            step = self.model(text(event.get("llm_response_id")), place, at)
            payload = self.payload(step)
            payload["output"] = content
            payload["rationale"] = text(message.get("reasoning_content"))

    def _action(self, event: Value, place: int, at: datetime | None) -> None:
        step = self.model(text(event.get("llm_response_id")), place, at)
        payload, asked = self.payload(step), member(event, "tool_call")
        payload["output"] = [*(payload.get("output") or []), asked]
        thought = text(event.get("reasoning_content")) or words(event.get("thought"))
        payload["rationale"] = payload.get("rationale") or thought
        key = text(event.get("tool_call_id")) or text(event.get("id")) or f"tool-{place}"
        name = text(event.get("tool_name")) or text(asked.get("name")) or "unknown"
        arguments = text(asked.get("arguments")) or event.get("action")
        self.asked(key, name, arguments, at)

    def _observation(self, event: Value, place: int, at: datetime | None) -> None:
        answer, key = member(event, "observation"), text(event.get("tool_call_id")) or ""
        content = words(answer.get("content")) or words(answer.get("output")) or answer or None
        self.answered(key, content, at, answer.get("is_error") is True)
        if key in self.rows and (code := number(answer.get("exit_code"))) is not None:
            self.payload(self.rows[key])["attributes"] = {"exit_code": int(code)}

    def _rejection(self, event: Value, place: int, at: datetime | None) -> None:
        by = "policy" if event.get("rejection_source") == "hook" else "human"
        self.refused(text(event.get("tool_call_id")) or "", by, at)

    def _agent_error(self, event: Value, place: int, at: datetime | None) -> None:
        self.answered(text(event.get("tool_call_id")) or "", event.get("error"), at, True)

    def _state(self, event: Value, place: int, at: datetime | None) -> None:
        key, value = event.get("key"), event.get("value")
        if key in ("execution_status", "agent_status"):
            self.stands(text(value))
        told = as_object(value)
        if key == "full_state":
            self.stands(text(told.get("execution_status")) or text(told.get("agent_status")))
        stats = told if key == "stats" else member(told, "stats")
        used = list(member(stats, "usage_to_metrics").values())
        if len(used) == 1:
            self.totals = as_object(used[0])

    def _error(self, event: Value, place: int, at: datetime | None) -> None:
        told = {"error_message": brief(event.get("detail"))}
        self.end = {"status": "error", "termination_reason": text(event.get("code"))} | told

    def _condensation(self, event: Value, place: int, at: datetime | None) -> None:
        if response_id := text(event.get("llm_response_id")):
            step = self.model(response_id, place, at)
            step["name"] = "condensation"
            self.payload(step)["output"] = text(event.get("summary"))
