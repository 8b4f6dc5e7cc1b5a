"""A log record decoded, known by the name of its event.

The name is the attribute `event.name`, else `eventName` (some exporters put a place in the source
code there, and the time 0 into `timeUnixNano`), else a short body.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ingest.fields.scalars import Attributes, first_text, number, text
from ingest.formats import Rows, Value
from ingest.hashes import of_value
from ingest.traces.opentelemetry.run_facts import kept_attributes
from ingest.traces.opentelemetry.wire import any_value, attributes, hex_id, micros

Row = dict[str, Any]

LONGEST_NAME = 100
RUNS = ("prompt.id", "session.id", "conversation.id", "gen_ai.conversation.id")
TIMES = ("timeUnixNano", "time_unix_nano", "observedTimeUnixNano", "observed_time_unix_nano")


class Log(NamedTuple):
    """A log record; `at` in microseconds, `run_id` that of its trace, prompt or session."""

    name: str
    at: int | None
    run_id: str | None
    span_id: str | None
    found: Attributes

    @property
    def step_id(self) -> str:
        """An id that the same record has in every file."""
        return of_value([self.name, self.at, self.found])[:16]


def decoded(value: Value, trace_id: str, span_id: str) -> Log:
    """An OTLP log record; ValueError, in words for the user, where its shape is wrong."""
    at = next((t for name in TIMES if (t := micros(value.get(name)))), None)
    ids = hex_id(value.get(trace_id), 32), hex_id(value.get(span_id), 16)
    stated = value.get("eventName") or value.get("event_name")
    body = any_value(value.get("body"))
    return log(attributes(value.get("attributes")), (stated, body), at, ids)


def log(
    found: Attributes,
    names: tuple[object, object],
    at: int | None,
    ids: tuple[str | None, str | None],
) -> Log:
    """A log record of plain values; `names` are its event name and its body.

    Claude Code has the short name in `event.name` and the full one in the body.
    """
    named = [n for n in names if isinstance(n, str) and _is_name(n)]
    name = text(found.get("event.name"))
    full = next((n for n in named if name is None or n.endswith(f".{name}")), name or "")
    return Log(full, at, ids[0] or first_text(found, *RUNS), ids[1], found)


def _is_name(words: str) -> bool:
    return "." in words and len(words) <= LONGEST_NAME and not any(c.isspace() for c in words)


def step_at_end(log: Log, name: str, step_id: str | None = None) -> Row:
    """The step of a call that the record ends; it began `duration_ms` before, not before 1970."""
    took_ms = number(log.found.get("duration_ms"))
    began = -1 if log.at is None else log.at - round(max(took_ms or 0, 0) * 1_000)
    started = None if began < 0 else began
    return {
        "run_id": log.run_id,
        "step_id": step_id or log.step_id,
        "parent_step_id": log.span_id,
        "name": name,
        "started_at": started,
        "ended_at": None if took_ms is None else log.at,
        "status": "ok",
    }


def with_payload(step: Row, log: Log, given: Any = None, answer: Any = None) -> Rows:
    """The rows of a step told by a log record; content is left out of its attributes."""
    kept = {k: v for k, v in kept_attributes(log.found).items() if k not in CONTENT}
    ids = {"run_id": step["run_id"], "step_id": step["step_id"]}
    payload = {**ids, "input": given, "output": answer, "attributes": kept}
    return {"steps": [step], "payloads": [payload]}


CONTENT = frozenset({"prompt", "arguments", "output", "tool_input", "tool_parameters"})
