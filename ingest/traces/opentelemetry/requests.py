"""OTLP requests: from `resourceSpans` and `resourceLogs` down to each span and log record.

Both spellings of the names are read, the older `instrumentationLibrarySpans`, and what a Tempo or
Jaeger server answers: the same request under `trace` or `result`, or its resources as `batches`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import NamedTuple

from ingest.fields.scalars import Attributes, text
from ingest.formats import Ignored, Placed, Read, Reject, Sample, Value
from ingest.traces.opentelemetry import log_records, logs
from ingest.traces.opentelemetry import spans as span_records
from ingest.traces.opentelemetry.failures import last_exception
from ingest.traces.opentelemetry.run_facts import Origin, origin_of
from ingest.traces.opentelemetry.spans import Span
from ingest.traces.opentelemetry.wire import attributes, hex_id, links, micros, span_kind, status

METRICS = "metrics: sums over calls, which spans and events tell one by one"


class Names(NamedTuple):
    """How one spelling of OTLP JSON names its fields."""

    resources: str
    logs: str
    metrics: str
    scopes: tuple[str, ...]
    log_scopes: tuple[str, ...]
    records: str
    trace_id: str
    span_id: str
    parent_id: str
    start: str
    end: str
    dropped: str


CAMEL = Names(
    "resourceSpans",
    "resourceLogs",
    "resourceMetrics",
    ("scopeSpans", "instrumentationLibrarySpans"),
    ("scopeLogs", "instrumentationLibraryLogs"),
    "logRecords",
    "traceId",
    "spanId",
    "parentSpanId",
    "startTimeUnixNano",
    "endTimeUnixNano",
    "droppedAttributesCount",
)
SNAKE = Names(
    "resource_spans",
    "resource_logs",
    "resource_metrics",
    ("scope_spans", "instrumentation_library_spans"),
    ("scope_logs", "instrumentation_library_logs"),
    "log_records",
    "trace_id",
    "span_id",
    "parent_span_id",
    "start_time_unix_nano",
    "end_time_unix_nano",
    "dropped_attributes_count",
)
BATCHES = CAMEL._replace(resources="batches")
SPELLINGS = (CAMEL, SNAKE, BATCHES)
KNOWN = frozenset(k for n in SPELLINGS for k in (n.resources, n.logs, n.metrics))
WRAPPERS = ("trace", "result")

SIGNALS = {
    "spans": frozenset(n.resources for n in SPELLINGS),
    "logs": frozenset(n.logs for n in SPELLINGS),
    "metrics": frozenset(n.metrics for n in SPELLINGS),
}

Item = Callable[[Value, Origin, Names], Iterator[Read]]


def holds(sample: Sample, signal: str) -> bool:
    """Whether any of the values is a request with spans, logs or metrics."""
    names = SIGNALS[signal]
    if sample.container != "json" or sample.columns.isdisjoint({*names, *WRAPPERS}):
        return False
    return any(_has(unwrapped(value)[1], names) for value in sample.values)


def _has(request: Value, names: frozenset[str]) -> bool:
    """Whether one of the names is there; `batches` only where they are those of a trace."""
    batches = request.get("batches")
    first = batches[0] if isinstance(batches, list) and batches else None
    is_trace = isinstance(first, dict) and not {"resource", *CAMEL.scopes}.isdisjoint(first)
    return any(name in request and (name != "batches" or is_trace) for name in names)


def unwrapped(value: Value) -> tuple[str, Value]:
    """The request inside a server's answer with its place, or the value itself."""
    for name in WRAPPERS:
        inner = value.get(name)
        if isinstance(inner, dict) and not KNOWN.isdisjoint(inner):
            return f"{name}.", inner
    return "", value


def records(value: Value) -> Iterator[Read]:
    """A record a span and log record, each with its place; one for all metrics of a request."""
    place, value = unwrapped(value)
    if KNOWN.isdisjoint(value):
        yield Reject("shape", "it has no resourceSpans.", excerpt=excerpt(value))
    for names in SPELLINGS:
        if names.metrics in value and names is not BATCHES:
            yield Ignored(METRICS)
        if names.logs in value and names is not BATCHES:
            read = _Reader(names, names.log_scopes, names.records, _log)
            yield from read.resources(value[names.logs], place + names.logs)
        if names.resources in value:
            read = _Reader(names, names.scopes, "spans", _span)
            yield from read.resources(value[names.resources], place + names.resources)


class _Reader(NamedTuple):
    names: Names
    scopes: tuple[str, ...]
    items: str
    item: Item

    def resources(self, entries: object, place: str) -> Iterator[Read]:
        for below, entry in _objects(entries, place):
            if isinstance(entry, Reject):
                yield entry
                continue
            try:
                origin = origin_of(_attributes_of(entry.get("resource")))
            except ValueError as error:
                yield Reject("shape", f"resource: {error}", below, excerpt(entry))
                continue
            for scopes in self.scopes:
                if entry.get(scopes) is not None:
                    for at, scoped in _objects(entry[scopes], f"{below}.{scopes}"):
                        yield from self._scope(at, scoped, origin)

    def _scope(self, place: str, scoped: Value | Reject, origin: Origin) -> Iterator[Read]:
        if isinstance(scoped, Reject):
            yield scoped
            return
        scope = scoped.get("scope") or scoped.get("instrumentationLibrary")
        name = scope.get("name") if isinstance(scope, dict) else None
        origin = origin._replace(scope=text(name))
        if scoped.get(self.items) is None:
            return
        for below, found in _objects(scoped[self.items], f"{place}.{self.items}"):
            yield from placed(lambda value: self.item(value, origin, self.names), found, below)


def placed(
    read: Callable[[Value], Iterator[Read]], found: Value | Reject | Ignored, place: str
) -> Iterator[Read]:
    """The records of one object with their place; a reject where its shape is wrong."""
    if not isinstance(found, dict):
        yield found
        return
    try:
        for record in read(found):
            yield Placed(record, place) if isinstance(record, dict) else _at(record, place)
    except ValueError as error:
        yield Reject("shape", str(error), place, excerpt(found))


def _at(record: Reject | Ignored, place: str) -> Read:
    return record._replace(place=place) if isinstance(record, Reject) else record


def _span(value: Value, origin: Origin, names: Names) -> Iterator[Read]:
    return span_records.records(decoded(value, names), origin)


def _log(value: Value, origin: Origin, names: Names) -> Iterator[Read]:
    return iter((logs.record(log_records.decoded(value, names.trace_id, names.span_id), origin),))


def decoded(value: Value, names: Names, read: Callable[[object], Attributes] = attributes) -> Span:
    """An OTLP span; ValueError, in words for the user, where its shape is wrong."""
    run_id, step_id = hex_id(value.get(names.trace_id), 32), hex_id(value.get(names.span_id), 16)
    if run_id is None or step_id is None:
        raise ValueError(f"it has no {names.trace_id if run_id is None else names.span_id}.")
    return Span(
        run_id,
        step_id,
        hex_id(value.get(names.parent_id), 16),
        text(value.get("name")) or "unnamed",
        micros(value.get(names.start)),
        micros(value.get(names.end)),
        read(value.get("attributes")),
        span_kind(value.get("kind")),
        status(value.get("status")),
        last_exception(value.get("events")),
        _kept(value, names),
    )


def _kept(value: Value, names: Names) -> Attributes:
    """What has no attribute: the links of a span, and how many attributes were dropped."""
    kept: Attributes = {"otel.links": links(value["links"])} if value.get("links") else {}
    if value.get(names.dropped):
        kept[f"otel.{names.dropped}"] = value[names.dropped]
    return kept


def _objects(entries: object, place: str) -> Iterator[tuple[str, Value | Reject]]:
    """The objects of a list with their places; what is none is a reject."""
    if not isinstance(entries, list):
        yield place, Reject("shape", "a list was expected.", place, excerpt(entries))
        return
    for number, entry in enumerate(entries):
        at = f"{place}[{number}]"
        if isinstance(entry, dict):
            yield at, entry
        else:
            yield at, Reject("shape", "an object was expected.", at, excerpt(entry))


def excerpt(value: object) -> str:
    """The beginning of a value, for a reject; empty for one nested too deep to be written."""
    try:
        return json.dumps(value, default=str)[:500]
    except RecursionError:
        return ""


def _attributes_of(holder: object) -> Attributes:
    if holder is None:
        return {}
    if not isinstance(holder, dict):
        raise ValueError("it is not an object.")
    return attributes(holder.get("attributes"))
