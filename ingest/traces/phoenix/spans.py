"""A span of Phoenix, as a row of a dataframe or an object of its REST API.

In a CSV every cell is text and lists and objects are printed as Python code; in Parquet a field of
one message is there, as null, in all the others. Both are flattened into OpenInference attributes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ingest.fields.moments import moment
from ingest.fields.objects import as_object
from ingest.fields.python_text import structured
from ingest.fields.scalars import Attributes, number, text
from ingest.formats import Value
from ingest.traces.opentelemetry import requests
from ingest.traces.opentelemetry.apart import Apart, fields
from ingest.traces.opentelemetry.failures import last_exception
from ingest.traces.opentelemetry.spans import Span
from ingest.traces.opentelemetry.wire import hex_id, status

DEEPEST = 16
KIND = "openinference.span.kind"
WRITTEN = ("input.value", "output.value", "llm.invocation_parameters", "exception.stacktrace")
ATTRIBUTES, EVALUATION, COUNTED = "attributes.", "eval.", ".token_count."


def span(value: Value) -> Apart:
    """The span of a row or object; ValueError, in words for the user, where it has no ids."""
    value = _cells(value)
    context = fields(value.get("context"))
    run_id = _id(context.get("trace_id") or value.get("context.trace_id"), 32)
    step_id = _id(context.get("span_id") or value.get("context.span_id"), 16)
    if run_id is None or step_id is None:
        raise ValueError(f"it has no {'trace_id' if run_id is None else 'span_id'}.")
    events = value.get("events")
    told = Span(
        run_id,
        step_id,
        _id(value.get("parent_id"), 16),
        text(value.get("name")) or "unnamed",
        moment(value.get("start_time")),
        moment(value.get("end_time")),
        _attributes(value),
        None,
        status({"code": _code(value.get("status_code")), "message": value.get("status_message")}),
        last_exception(events if isinstance(events, list) else None),
        {},
    )
    return Apart(told, {})


def otlp_span(value: Value) -> Apart:
    """A span of `/spans/otlpv1`, whose times were rounded to 256 nanoseconds.

    To the microsecond they are what they were.
    """
    told = dict(value)
    for end in (requests.SNAKE.start, requests.SNAKE.end):
        if isinstance(told.get(end), int):
            told[end] = (told[end] + 500) // 1_000 * 1_000
    return Apart(requests.decoded(told, requests.SNAKE), {})


def _cells(value: Value) -> Value:
    """The row with the lists and objects that the cells of a CSV hold, if it is one of a CSV."""
    if not all(isinstance(cell, str) for cell in value.values()):
        return value
    return {name: _cell(name, cell) for name, cell in value.items() if cell != ""}


def _cell(name: str, cell: str) -> Any:
    """What a cell holds; an object in JSON was text already, for Python prints single quotes."""
    if name.endswith(WRITTEN) or cell.startswith('{"'):
        return cell
    return number(cell) if COUNTED in name else structured(cell)


def _id(value: object, digits: int) -> str | None:
    """An id in hex; what early versions and home-made writers used instead stays as it is."""
    try:
        return hex_id(value, digits)
    except ValueError:
        return text(value)


def _code(word: object) -> str:
    return f"STATUS_CODE_{(text(word) or 'UNSET').upper().rpartition('.')[2]}"


def _attributes(value: Value) -> Attributes:
    columns = {n.removeprefix(ATTRIBUTES): c for n, c in value.items() if n.startswith(ATTRIBUTES)}
    found = dict(_flat(as_object(value.get("attributes")) | columns))
    kind = text(value.get("span_kind"))
    if KIND not in found and kind and kind != "UNKNOWN":
        found[KIND] = kind
    return found | _evaluations(value)


def _flat(value: Any, name: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """The scalars and lists of scalars below a value with their dotted names, without nulls.

    Whole numbers come as fractions where a dataframe had gaps.
    """
    found = value
    if isinstance(value, list) and any(isinstance(member, dict) for member in value):
        found = dict(enumerate(value))
    if isinstance(found, dict) and depth < DEEPEST:
        for key, member in found.items():
            yield from _flat(member, f"{name}.{key}" if name else str(key), depth + 1)
    elif isinstance(value, float):
        if value == value:
            yield name, int(value) if value.is_integer() else value
    elif value is not None and value != []:
        yield name, value


def _evaluations(value: Value) -> Attributes:
    """The evaluations a dataframe of older versions has as columns, as annotations of the span."""
    found: dict[str, Attributes] = {}
    for column, cell in value.items():
        name, dot, part = column.removeprefix(EVALUATION).rpartition(".")
        if column.startswith(EVALUATION) and dot and cell is not None and cell == cell:
            found.setdefault(name, {})[f"annotation.{part}"] = cell
    judged = [{"annotation.name": n, "annotation.annotator_kind": "LLM"} | found[n] for n in found]
    return dict(_flat({"annotations": judged}))
