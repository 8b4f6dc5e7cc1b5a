"""Spans that stand apart, each with its own resource, instead of in an OTLP request."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from ingest.casts import since_epoch
from ingest.fields.pages import Found
from ingest.fields.scalars import Attributes
from ingest.formats import Ignored, Read, Value
from ingest.traces.opentelemetry import logs, spans
from ingest.traces.opentelemetry.log_records import Log
from ingest.traces.opentelemetry.nesting import Nesting
from ingest.traces.opentelemetry.requests import placed
from ingest.traces.opentelemetry.run_facts import Origin, origin_of
from ingest.traces.opentelemetry.spans import Span


class Apart(NamedTuple):
    """A span or log record with what its resource and scope say."""

    told: Span | Log
    resource: Attributes
    scope: str | None = None


Decode = Callable[[Value], Apart | Ignored]


def read(
    values: Iterator[Value],
    decode: Decode,
    unpack: Callable[[Value], Iterable[Found]] = lambda value: [("", value)],
) -> Iterator[Read]:
    """The records of each span; `unpack` gives the spans of a value with their places."""
    nesting, reader = Nesting(), _Reader(decode)
    for value in values:
        found = [r for place, item in unpack(value) for r in placed(reader.records, item, place)]
        nesting.settle(found)
        yield from found


class _Reader:
    """Decodes spans; those of one resource in a row share what was told of it."""

    def __init__(self, decode: Decode) -> None:
        self._decode = decode
        self._resource: Attributes | None = None
        self._origin = origin_of({})

    def records(self, value: Value) -> Iterator[Read]:
        found = self._decode(value)
        if isinstance(found, Ignored):
            yield found
            return
        origin = self._of(found.resource)._replace(scope=found.scope)
        if isinstance(found.told, Log):
            yield logs.record(found.told, origin)
        else:
            yield from spans.records(found.told, origin)

    def _of(self, resource: Attributes) -> Origin:
        if resource != self._resource:
            self._resource, self._origin = resource, origin_of(resource)
        return self._origin


def iso_micros(value: object) -> int | None:
    """Microseconds since 1970 of an ISO 8601 time, UTC where it names no zone."""
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise ValueError(f"'{str(value)[:60]}' is not a time.")
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError(f"'{value[:60]}' is not a time.") from None
    return since_epoch(found.astimezone(UTC) if found.tzinfo else found) or None


def padded_id(value: object, digits: int) -> str | None:
    """An id in hex with the leading zeros that some writers leave out; null when there is none."""
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > digits:
        raise ValueError(f"'{str(value)[:60]}' is not an id of {digits} hex digits.")
    return value.zfill(digits)


def fields(value: object) -> Attributes:
    """An object, empty where there is none; ValueError for anything else."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ValueError("an object was expected.")
    return value
