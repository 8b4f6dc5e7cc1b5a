"""What spans and events say of the run they belong to, and the resource they come from."""

from __future__ import annotations

from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

from ingest.errors import classify
from ingest.fields.content import USER_NAMES, is_moved, without_content
from ingest.fields.scalars import Attributes, first_text, text
from ingest.hashes import sha256
from ingest.traces.opentelemetry import pilot

Row = dict[str, Any]

RUN_COLUMNS = {
    "version": ("gen_ai.agent.version", "langfuse.version", "langfuse.release"),
    "environment": ("langfuse.environment",),
    "workflow_name": ("gen_ai.workflow.name", "traceloop.workflow.name", "langfuse.trace.name"),
    "session_id": (
        "gen_ai.conversation.id",
        "session.id",
        "traceloop.association.properties.session_id",
        "langfuse.session.id",
        "conversation.id",
        "ai.telemetry.metadata.sessionId",
    ),
}
USERS = (*USER_NAMES, "langfuse.user.id", "ai.telemetry.metadata.userId")
RUN_NAMES = frozenset(chain(USERS, *RUN_COLUMNS.values()))
MOVED = frozenset(
    {
        "langfuse.observation.input",
        "langfuse.observation.output",
        "langfuse.trace.input",
        "langfuse.trace.output",
        "langfuse.user.id",
        "ai.telemetry.metadata.userId",
        "mlflow.spanInputs",
        "mlflow.spanOutputs",
        "pydantic_ai.all_messages",
        "tool_arguments",
        "tool_response",
        "ai.prompt.messages",
        "ai.prompt",
        "ai.response.text",
        "ai.response.toolCalls",
        "ai.toolCall.args",
        "ai.toolCall.result",
        "final_result",
        "user_prompt",
        "full_command",
        "user.account_id",
        "user.account_uuid",
    }
)
ENDINGS = {
    "timeout": "timeout",
    "deadline": "timeout",
    "canceled": "cancelled",
    "cancelled": "cancelled",
    "user_cancelled": "cancelled",
    "aborted": "cancelled",
}


class Origin(NamedTuple):
    """What the resource and scope of a span say, and the runs the resource was stated for."""

    resource: Attributes
    facts: Row
    scope: str | None
    told: set[str]

    @property
    def service(self) -> str:
        """The name of the service, empty when there is none."""
        return self.facts.get("service_name") or ""


def origin_of(resource: Attributes, scope: str | None = None) -> Origin:
    """The origin of spans of a resource."""
    deployment = first_text(resource, "deployment.environment.name", "deployment.environment")
    facts = {
        "service_name": text(resource.get("service.name")),
        "deployment": deployment,
        "environment": deployment,
        "version": text(resource.get("service.version")),
        "session_id": first_text(resource, *RUN_COLUMNS["session_id"]),
    }
    known = {c: v for c, v in facts.items() if v is not None} | pilot.run_facts(resource)
    return Origin(resource, known, scope, set())


def kept_attributes(found: Attributes) -> Attributes:
    """The attributes that became neither a column nor a text, and name no person."""
    return {k: v for k, v in found.items() if _is_kept(k)}


@lru_cache(maxsize=8_192)
def _is_kept(name: str) -> bool:
    return not is_moved(name) and name not in MOVED


def claim_of(run_id: str, found: Attributes, origin: Origin, is_root: bool = False) -> Row | None:
    """What a span or event says of its run; the resource is told once a run."""
    claim = _span_facts(found)
    if run_id not in origin.told or is_root:
        origin.told.add(run_id)
        claim = {**origin.facts, **claim}
    elif not claim:
        return None
    claim["run_id"] = run_id
    return claim


def _span_facts(found: Attributes) -> Row:
    """What any span may say of its run; most say nothing."""
    if RUN_NAMES.isdisjoint(found):
        return {}
    facts = {column: first_text(found, *names) for column, names in RUN_COLUMNS.items()}
    facts["user_hash"] = _user_hash(first_text(found, *USERS))
    return {column: value for column, value in facts.items() if value is not None}


@lru_cache(maxsize=4_096)
def _user_hash(user: str | None) -> str | None:
    return None if user is None else sha256(user.encode("utf-8", "surrogatepass"))


def root_facts(step: Row, found: Attributes, origin: Origin) -> Row:
    """What the root span says of its run."""
    facts = pilot.run_facts(found)
    reason = facts.get("termination_reason") or origin.facts.get("termination_reason")
    told = {**origin.resource, **found}
    return {
        "root_name": text(found.get("ai.telemetry.functionId")) or step["name"],
        "started_at": step["started_at"],
        "ended_at": step["ended_at"],
        "status": _run_status(step, reason),
        "attributes": without_content({k: v for k, v in told.items() if k not in MOVED}),
        **facts,
    }


def _run_status(step: Row, reason: str | None) -> str:
    """How the run ended: by its stated reason, else by the status and error of its root span."""
    if reason is not None and (ending := ENDINGS.get(reason.lower())):
        return ending
    if step["status"] == "error":
        kind = classify(step["error_type"], step["http_status"])
        return kind if kind in ENDINGS.values() else "error"
    return "running" if step["ended_at"] is None else "ok"
