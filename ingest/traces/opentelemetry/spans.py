"""One span as rows: its step, what was said in it, and what it says of its run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from ingest.fields.failures import is_in_band_error
from ingest.fields.scalars import Attributes, text
from ingest.formats import Ignored, Read, Rows
from ingest.traces.opentelemetry import (
    claude_code,
    codex,
    genai,
    judgements,
    langfuse,
    mlflow,
    openinference,
    pilot,
    plain,
    traceloop,
)
from ingest.traces.opentelemetry.failures import put_failure
from ingest.traces.opentelemetry.run_facts import Origin, claim_of, kept_attributes, root_facts

Row = dict[str, Any]

PENDING = "unfinished copies of spans that follow when they end"


class Span(NamedTuple):
    """A span however it was written: ids in hex, times in microseconds, attributes plain.

    `kept` holds what has no column and no attribute: links and counts of what was dropped. A
    detached span has a parent that is not told of: it is no root.
    """

    run_id: str
    step_id: str
    parent_id: str | None
    name: str
    started_at: int | None
    ended_at: int | None
    found: Attributes
    kind: str | None
    status: tuple[str, str | None]
    exception: Attributes
    kept: Attributes
    is_detached: bool = False


def records(span: Span, origin: Origin) -> Iterator[Read]:
    """The record of a span, then one a judgement written onto it."""
    if span.found.get("logfire.span_type") == "pending_span":
        yield Ignored(PENDING)
        return
    describe = _dialect(span)
    if origin.service.startswith("codex"):
        if not codex.is_call(span.found):
            yield Ignored(codex.NOISE)
            return
        span, describe = span._replace(parent_id=None, is_detached=True), codex.describe
    rows = span_rows(span, origin, describe)
    yield rows
    yield from judgements.records(span.found, rows["steps"][0])


def span_rows(
    span: Span, origin: Origin, describe: Callable[[Attributes, Row], tuple[Any, Any]]
) -> Rows:
    """The rows of one span in its dialect."""
    step: Row = {
        "run_id": span.run_id,
        "step_id": span.step_id,
        "parent_step_id": span.parent_id,
        "name": span.name,
        "started_at": span.started_at,
        "ended_at": span.ended_at if span.started_at else None,
    }
    given, answer = describe(span.found, step)
    put_failure(step, span.found, span.status, span.exception)
    if step["kind"] == "tool" and is_in_band_error(span.found, answer):
        step["in_band_error"] = True
    pilot.put_step(step, span.found)
    rows: Rows = {"steps": [step], "payloads": [_payload(step, given, answer, span, origin)]}
    is_root = span.parent_id is None and not span.is_detached
    if claim := claim_of(span.run_id, span.found, origin, is_root):
        rows["run_claims"] = [claim | root_facts(step, span.found, origin) if is_root else claim]
    votes = pilot.votes(span.found, span.run_id, step["ended_at"]) if is_root else []
    return rows | ({"outcome_votes": votes} if votes else {})


def _dialect(span: Span) -> Callable[[Attributes, Row], tuple[Any, Any]]:
    found = span.found
    if span.name.startswith(claude_code.PREFIX):
        return claude_code.describe
    if not langfuse.MARKERS.isdisjoint(found):
        return langfuse.describe
    if "openinference.span.kind" in found:
        return openinference.describe
    if "traceloop.span.kind" in found and "gen_ai.operation.name" not in found:
        return traceloop.describe
    if not genai.MARKERS.isdisjoint(found):
        return genai.describe
    return mlflow.describe if mlflow.MARKER in found else plain.describe


def _payload(step: Row, given: Any, answer: Any, span: Span, origin: Origin) -> Row:
    kept = kept_attributes(span.found)
    if origin.scope is not None:
        kept["otel.scope.name"] = origin.scope
    if span.kind is not None:
        kept["otel.span.kind"] = span.kind
    return {
        "run_id": step["run_id"],
        "step_id": step["step_id"],
        "input": given,
        "output": answer,
        "rationale": text(span.found.get("pilot.rationale")),
        "attributes": kept | span.kept,
    }
