"""One span as rows: its step, what was said in it, and what it says of its run."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

from ingest.errors import classify
from ingest.fields.content import USER_NAMES, is_moved, without_content
from ingest.fields.failures import is_in_band_error
from ingest.fields.scalars import Attributes, first_text, text
from ingest.formats import Ignored, Rows, Value
from ingest.hashes import sha256
from ingest.traces.opentelemetry import genai, openinference, pilot, plain, traceloop
from ingest.traces.opentelemetry.failures import put_failure
from ingest.traces.opentelemetry.wire import attributes, hex_id, micros, span_kind

Row = dict[str, Any]

RUN_COLUMNS = {
    "version": ("gen_ai.agent.version",),
    "workflow_name": ("gen_ai.workflow.name", "traceloop.workflow.name"),
    "session_id": (
        "gen_ai.conversation.id",
        "session.id",
        "traceloop.association.properties.session_id",
    ),
}
RUN_NAMES = frozenset(chain(USER_NAMES, *RUN_COLUMNS.values()))
ENDINGS = {
    "timeout": "timeout",
    "deadline": "timeout",
    "canceled": "cancelled",
    "cancelled": "cancelled",
    "user_cancelled": "cancelled",
    "aborted": "cancelled",
}
PENDING = "unfinished copies of spans that follow when they end"


class Names(NamedTuple):
    """How one spelling of OTLP JSON names its fields."""

    resources: str
    scopes: tuple[str, ...]
    trace_id: str
    span_id: str
    parent_id: str
    start: str
    end: str


CAMEL = Names(
    "resourceSpans",
    ("scopeSpans", "instrumentationLibrarySpans"),
    "traceId",
    "spanId",
    "parentSpanId",
    "startTimeUnixNano",
    "endTimeUnixNano",
)
SNAKE = Names(
    "resource_spans",
    ("scope_spans", "instrumentation_library_spans"),
    "trace_id",
    "span_id",
    "parent_span_id",
    "start_time_unix_nano",
    "end_time_unix_nano",
)


class Origin(NamedTuple):
    """What the resource and scope of a span say, and the runs the resource was stated for."""

    resource: Attributes
    facts: Row
    scope: str | None
    told: set[str]


def resource_facts(resource: Attributes) -> Row:
    """What a resource says of the runs its spans belong to."""
    deployment = first_text(resource, "deployment.environment.name", "deployment.environment")
    facts = {
        "service_name": text(resource.get("service.name")),
        "deployment": deployment,
        "environment": deployment,
        "version": text(resource.get("service.version")),
    }
    return {c: v for c, v in facts.items() if v is not None} | pilot.run_facts(resource)


def span_rows(span: Value, origin: Origin, names: Names) -> Rows | Ignored:
    """The rows of one span; ValueError, in words for the user, where its shape is wrong."""
    found = attributes(span.get("attributes"))
    if found.get("logfire.span_type") == "pending_span":
        return Ignored(PENDING)
    run_id, step_id = hex_id(span.get(names.trace_id), 32), hex_id(span.get(names.span_id), 16)
    if run_id is None or step_id is None:
        raise ValueError(f"it has no {names.trace_id if run_id is None else names.span_id}.")
    start = micros(span.get(names.start))
    step: Row = {
        "run_id": run_id,
        "step_id": step_id,
        "parent_step_id": hex_id(span.get(names.parent_id), 16),
        "name": text(span.get("name")) or "unnamed",
        "started_at": start,
        "ended_at": micros(span.get(names.end)) if start else None,
    }
    given, answer = _dialect(found)(found, step)
    put_failure(step, found, span.get("status"), span.get("events"))
    if step["kind"] == "tool" and is_in_band_error(found, answer):
        step["in_band_error"] = True
    pilot.put_step(step, found)
    rows: Rows = {"steps": [step], "payloads": [_payload(step, given, answer, found, span, origin)]}
    if claim := _claim(step, found, origin):
        rows["run_claims"] = [claim]
    if step["parent_step_id"] is None and (votes := pilot.votes(found, run_id, step["ended_at"])):
        rows["outcome_votes"] = votes
    return rows


def _dialect(found: Attributes) -> Callable[[Attributes, Row], tuple[Any, Any]]:
    if "openinference.span.kind" in found:
        return openinference.describe
    if "traceloop.span.kind" in found and "gen_ai.operation.name" not in found:
        return traceloop.describe
    return plain.describe if genai.MARKERS.isdisjoint(found) else genai.describe


def _payload(
    step: Row, given: Any, answer: Any, found: Attributes, span: Value, origin: Origin
) -> Row:
    kept = {name: value for name, value in found.items() if not is_moved(name)}
    if origin.scope is not None:
        kept["otel.scope.name"] = origin.scope
    if (kind := span_kind(span.get("kind"))) is not None:
        kept["otel.span.kind"] = kind
    for name in ("links", "droppedAttributesCount", "dropped_attributes_count"):
        if span.get(name):
            kept[f"otel.{name}"] = span[name]
    return {
        "run_id": step["run_id"],
        "step_id": step["step_id"],
        "input": given,
        "output": answer,
        "rationale": text(found.get("pilot.rationale")),
        "attributes": kept,
    }


def _claim(step: Row, found: Attributes, origin: Origin) -> Row | None:
    """What the span says of its run; the resource is told once a run."""
    claim = _span_facts(found)
    run_id, is_root = step["run_id"], step["parent_step_id"] is None
    if run_id not in origin.told or is_root:
        origin.told.add(run_id)
        claim = {**origin.facts, **claim}
    elif not claim:
        return None
    claim["run_id"] = run_id
    return claim | _root_facts(step, found, origin) if is_root else claim


def _span_facts(found: Attributes) -> Row:
    """What any span may say of its run; most say nothing."""
    if RUN_NAMES.isdisjoint(found):
        return {}
    facts = {column: first_text(found, *names) for column, names in RUN_COLUMNS.items()}
    facts["user_hash"] = _user_hash(first_text(found, *USER_NAMES))
    return {column: value for column, value in facts.items() if value is not None}


@lru_cache(maxsize=4_096)
def _user_hash(user: str | None) -> str | None:
    return None if user is None else sha256(user.encode("utf-8", "surrogatepass"))


def _root_facts(step: Row, found: Attributes, origin: Origin) -> Row:
    facts = pilot.run_facts(found)
    reason = facts.get("termination_reason") or origin.facts.get("termination_reason")
    return {
        "root_name": step["name"],
        "started_at": step["started_at"],
        "ended_at": step["ended_at"],
        "status": _run_status(step, reason),
        "attributes": without_content({**origin.resource, **found}),
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
