"""OpenTelemetry spans in OTLP JSON, in any mix of dialects; each span is one record.

The dialect is decided span by span from its attributes: OpenInference, Traceloop, GenAI, or none.
`pilot.py` lists the product's own attributes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Literal

from ingest.fields.scalars import Attributes, text
from ingest.fields.usage import COST, TOKENS
from ingest.formats import Ignored, Placed, Read, Reject, Sample, Value
from ingest.traces.opentelemetry.spans import CAMEL, SNAKE, Names, Origin, resource_facts, span_rows
from ingest.traces.opentelemetry.wire import attributes

NAME = "otlp.traces"
HOLDS: Literal["whole", "part"] = "part"
RECORDS = "steps"
BASIS: Literal["files", "documentation"] = "files"
OBTAIN = (
    "Set the OpenTelemetry Collector's file exporter to `format: json`, use an SDK's OTLP JSON file"
    " exporter, or save the bodies sent to /v1/traces."
)

Row = dict[str, Any]

LEFT_OUT = {
    "resourceLogs": "log records: only spans are read",
    "resource_logs": "log records: only spans are read",
    "resourceMetrics": "metrics: only spans are read",
    "resource_metrics": "metrics: only spans are read",
}
KNOWN = frozenset({CAMEL.resources, SNAKE.resources, *LEFT_OUT})


def accepts(sample: Sample) -> bool:
    """Whether the values are OTLP requests."""
    return sample.container == "json" and not KNOWN.isdisjoint(sample.columns)


def read(values: Iterator[Value]) -> Iterator[Read]:
    """Rows of each span, with its place; logs and metrics are ignored."""
    counted: dict[str, set[tuple[str, str]]] = {TOKENS[0]: set(), COST[0]: set()}
    for value in values:
        found = list(_value(value))
        _count_once([r["steps"][0] for r in found if isinstance(r, dict)], counted)
        yield from found


def _count_once(steps: list[Row], counted: dict[str, set[tuple[str, str]]]) -> None:
    """Take usage off a model call around another one that states it: the inner one keeps it."""
    for columns in (TOKENS, COST):
        wrapping = counted[columns[0]]
        wrapping.update(
            (step["run_id"], step["parent_step_id"])
            for step in steps
            if step["kind"] == "llm" and step.get(columns[0]) is not None
        )
        for step in steps:
            if step["kind"] == "llm" and (step["run_id"], step["step_id"]) in wrapping:
                for column in columns:
                    step.pop(column, None)


def _value(value: Value) -> Iterator[Read]:
    if KNOWN.isdisjoint(value):
        yield Reject("shape", "it has no resourceSpans.", excerpt=_excerpt(value))
    for name, reason in LEFT_OUT.items():
        if name in value:
            yield Ignored(reason)
    for names in (CAMEL, SNAKE):
        if names.resources in value:
            yield from _resources(value[names.resources], names)


def _resources(entries: object, names: Names) -> Iterator[Read]:
    for place, entry in _objects(entries, names.resources):
        if isinstance(entry, Reject):
            yield entry
            continue
        try:
            resource = _attributes_of(entry.get("resource"))
        except ValueError as error:
            yield Reject("shape", f"resource: {error}", place, _excerpt(entry))
            continue
        facts, told = resource_facts(resource), set[str]()
        for scopes in names.scopes:
            if entry.get(scopes) is not None:
                for below, scoped in _objects(entry[scopes], f"{place}.{scopes}"):
                    yield from _scope(below, scoped, Origin(resource, facts, None, told), names)


def _scope(place: str, scoped: Value | Reject, origin: Origin, names: Names) -> Iterator[Read]:
    if isinstance(scoped, Reject):
        yield scoped
        return
    scope = scoped.get("scope") or scoped.get("instrumentationLibrary")
    name = scope.get("name") if isinstance(scope, dict) else None
    origin = origin._replace(scope=text(name))
    if scoped.get("spans") is None:
        return
    for below, span in _objects(scoped["spans"], f"{place}.spans"):
        if isinstance(span, Reject):
            yield span
            continue
        try:
            rows = span_rows(span, origin, names)
        except ValueError as error:
            yield Reject("shape", str(error), below, _excerpt(span))
            continue
        yield Placed(rows, below) if isinstance(rows, dict) else rows


def _objects(entries: object, place: str) -> Iterator[tuple[str, Value | Reject]]:
    """The objects of a list with their places; what is none is a reject."""
    if not isinstance(entries, list):
        yield place, Reject("shape", "a list was expected.", place, _excerpt(entries))
        return
    for number, entry in enumerate(entries):
        at = f"{place}[{number}]"
        if isinstance(entry, dict):
            yield at, entry
        else:
            yield at, Reject("shape", "an object was expected.", at, _excerpt(entry))


def _excerpt(value: object) -> str:
    return json.dumps(value, default=str)[:500]


def _attributes_of(holder: object) -> Attributes:
    if holder is None:
        return {}
    if not isinstance(holder, dict):
        raise ValueError("it is not an object.")
    return attributes(holder.get("attributes"))
