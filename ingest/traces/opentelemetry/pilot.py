"""The product's own span attributes: facts of a step or run that no convention has a name for.

Any OpenTelemetry user may set them. On every span: `pilot.side_effect` (none, read, write or
external), `pilot.resource_key`, `pilot.idempotency_key`, `pilot.principal`, `pilot.authority`,
`pilot.decision`, `pilot.decision_value`, `pilot.rationale`, `pilot.role`, `pilot.handoff_to`,
`pilot.retry_after_ms`, `pilot.blocked` (true: the call was stopped, false: it was carried out),
`pilot.human` (true: a person did this step), `pilot.is_error` (true: a tool's answer is an error).
On root spans or resources: `pilot.channel`, `pilot.case_id`, `pilot.task_key`,
`pilot.input_source`, `pilot.output_sink`, `pilot.user_visible`, `pilot.termination_reason`,
`pilot.scheduled_at` (ISO 8601). On root spans: `pilot.outcome` (success, partial, failure or
abandoned).
"""

from __future__ import annotations

from typing import Any

from ingest.fields.scalars import Attributes, flag, number, text

Row = dict[str, Any]

SIDE_EFFECTS = frozenset({"none", "read", "write", "external"})
STEP_TEXTS = {
    "pilot.resource_key": "resource_key",
    "pilot.idempotency_key": "idempotency_key",
    "pilot.principal": "principal",
    "pilot.authority": "authority",
    "pilot.decision": "decision",
    "pilot.decision_value": "decision_value",
    "pilot.role": "role",
    "pilot.handoff_to": "handoff_to",
}
STEP_NAMES = frozenset(STEP_TEXTS) | {
    "pilot.side_effect",
    "pilot.blocked",
    "pilot.retry_after_ms",
    "pilot.human",
}
RUN_TEXTS = {
    "pilot.channel": "channel",
    "pilot.case_id": "case_id",
    "pilot.task_key": "task_key",
    "pilot.input_source": "input_source",
    "pilot.output_sink": "output_sink",
    "pilot.termination_reason": "termination_reason",
    "pilot.scheduled_at": "scheduled_at",
}


def put_step(step: Row, found: Attributes) -> None:
    """Set the columns of a step that the span's own attributes name."""
    if STEP_NAMES.isdisjoint(found):
        return
    for name, column in STEP_TEXTS.items():
        if name in found:
            step[column] = text(found[name])
    effect = (text(found.get("pilot.side_effect")) or "").lower()
    if effect in SIDE_EFFECTS:
        step["side_effect_recorded"] = effect
    if (blocked := flag(found.get("pilot.blocked"))) is not None:
        step["is_executed"] = not blocked
    if (wait_ms := number(found.get("pilot.retry_after_ms"))) is not None:
        step["retry_after_ms"] = wait_ms
    if flag(found.get("pilot.human")):
        step["kind"] = "human"


def run_facts(found: Attributes) -> Row:
    """The columns of a run that a root span's or resource's attributes name."""
    facts: Row = {c: text(found[name]) for name, c in RUN_TEXTS.items() if name in found}
    if (visible := flag(found.get("pilot.user_visible"))) is not None:
        facts["user_visible"] = visible
    return facts


def votes(found: Attributes, run_id: str, voted_at: int | None) -> list[Row]:
    """The label a root span gives its own run, if it gives one."""
    outcome = text(found.get("pilot.outcome"))
    if outcome is None:
        return []
    vote = {"run_id": run_id, "source": "label", "name": "outcome", "voted_at": voted_at}
    return [{**vote, "outcome": outcome}]
