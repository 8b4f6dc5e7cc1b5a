"""Runs as OTLP JSON lines, batched as an exporter batches them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from ingest.scenario.dialects import DIALECTS, Attributes
from ingest.scenario.runs import Run, Span

Line = tuple[int, bytes]

SPANS_A_LINE = 48
WORDS = {str: "stringValue", bool: "boolValue", float: "doubleValue"}


def lines(runs: list[Run]) -> Iterator[Line]:
    """Batches of spans as an exporter writes them, each with the time of its last span.

    A batch fills up with the spans of one version in the order they end, so a run may be split
    over two lines, and over two files.
    """
    batch: list[dict[str, Any]] = []
    last: Run | None = None
    for run in sorted(runs, key=lambda r: r.end):
        if last and batch and last.plan.version != run.plan.version:
            yield _line(last, batch)
            batch = []
        last = run
        for span in sorted(kept(run), key=lambda s: s.end):
            batch.append(_span(span, run))
            if len(batch) == SPANS_A_LINE:
                yield _line(run, batch)
                batch = []
    if last and batch:
        yield _line(last, batch)


def kept(run: Run) -> list[Span]:
    """The spans that reach the file: a running run has no root yet, a broken one lost a parent."""
    fault = run.plan.fault
    if fault in ("running", "rootless"):
        return run.spans[1:]
    if fault == "orphan":
        return [s for s in run.spans if s.kind != "chain"]
    return run.spans


def _line(run: Run, batch: list[dict[str, Any]]) -> Line:
    flow = run.plan.flow
    stage = "staging" if flow.stage == "pilot" else "production"
    resource = {
        "service.name": flow.name,
        "service.version": run.plan.version.name,
        "deployment.environment.name": "replay" if run.plan.task else stage,
        "telemetry.sdk.language": "python",
        "telemetry.sdk.name": "opentelemetry",
    }
    scope = {"name": f"{flow.team}.agents", "version": "1.0.0"}
    body = {
        "resourceSpans": [
            {
                "resource": {"attributes": _attributes(resource)},
                "scopeSpans": [{"scope": scope, "spans": batch}],
            }
        ]
    }
    return int(batch[-1]["endTimeUnixNano"]) // 1000, orjson.dumps(body)


def _span(span: Span, run: Run) -> dict[str, Any]:
    dialect = run.plan.flow.dialect
    found: dict[str, Any] = {
        "traceId": run.run_id,
        "spanId": span.span_id,
        "name": _name(span, run),
        "kind": 3 if span.kind == "llm" else 1,
        "startTimeUnixNano": f"{span.start}000",
        "endTimeUnixNano": f"{span.end}000",
        "attributes": _attributes(DIALECTS[dialect](span, run) | _pilot(span, run)),
        "status": {"code": 1} if dialect == "openinference" else {},
    }
    if span.parent:
        found["parentSpanId"] = span.parent
    if span.error:
        found["status"] = {"code": 2, "message": span.error.message}
        exception = {"exception.type": span.error.kind, "exception.message": span.error.message}
        found["events"] = [
            {
                "timeUnixNano": f"{span.end}000",
                "name": "exception",
                "attributes": _attributes(exception),
            }
        ]
    return found


def _name(span: Span, run: Run) -> str:
    if span.kind == "agent":
        return f"invoke_agent {span.name}"
    if span.kind == "root":
        flow = run.plan.flow
        return f"invoke_workflow {flow.name}" if flow.multi else f"invoke_agent {span.agent}"
    return span.name


def _pilot(span: Span, run: Run) -> Attributes:
    """What the standards have no name for yet."""
    found = {f"pilot.{name}": value for name, value in span.pilot.items()}
    if span.effect:
        found["pilot.side_effect"] = span.effect
    if span.kind == "human":
        found["pilot.human"] = True
    if span.in_band:
        found["gen_ai.tool.call.is_error"] = True
    if span.error:
        found["error.type"] = span.error.kind
        if span.error.http:
            found["http.response.status_code"] = span.error.http
    if span.kind == "root":
        found |= _root(run)
    return found


def _root(run: Run) -> Attributes:
    plan, flow = run.plan, run.plan.flow
    found = {"pilot.termination_reason": run.status} if run.status != "ok" else {}
    if plan.task:
        found |= {"pilot.task_key": plan.task, "pilot.outcome": run.outcome}
    elif flow.multi:
        found["pilot.task_key"] = run.case_id
    return found | {
        "pilot.channel": plan.channel.name,
        "pilot.case_id": run.case_id,
        "pilot.input_source": flow.source,
        "pilot.output_sink": flow.sink,
        "pilot.user_visible": flow.user_visible,
        "user.id": run.user,
    }


def _attributes(values: Attributes) -> list[dict[str, Any]]:
    return [
        {"key": key, "value": {WORDS[type(value)]: value}}
        if type(value) in WORDS
        else {"key": key, "value": _value(value)}
        for key, value in values.items()
    ]


def _value(value: int | list[str]) -> dict[str, Any]:
    if isinstance(value, int):
        return {"intValue": str(value)}
    return {"arrayValue": {"values": [{"stringValue": text} for text in value]}}
