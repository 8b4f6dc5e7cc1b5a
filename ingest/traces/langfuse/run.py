"""A trace, as what it claims of its run."""

from __future__ import annotations

from typing import Any

from ingest.fields.moments import PER_SECOND, first_moment
from ingest.fields.people import person_hash
from ingest.fields.scalars import count, first_text, number, text
from ingest.traces.langfuse.otel import Metadata

Row = dict[str, Any]

LONGEST_SECONDS = 100_000_000


def present(row: Row) -> Row:
    """The row without what is null."""
    return {name: value for name, value in row.items() if value is not None}


def facts(record: Row, said: Metadata) -> Row:
    """What traces and observations both say of a run; nulls where they do not."""
    service = said.service()
    return {
        "service_name": service["service_name"],
        "session_id": text(record.get("session_id")),
        "user_hash": person_hash(record.get("user_id")),
        "environment": text(record.get("environment")),
        "version": first_text(record, "version", "release") or service["version"],
    }


def trace_claim(record: Row) -> Row:
    """The claim of a trace; ValueError where it has no id.

    Its tokens and dollars are sums over its observations: they count where those are not loaded.
    """
    run_id = text(record.get("id"))
    if run_id is None:
        raise ValueError("it has no id.")
    said = Metadata(record.get("metadata", {}))
    name = text(record.get("name"))
    start, seconds = first_moment(record, "timestamp"), number(record.get("latency"))
    claim = {
        "run_id": run_id,
        "workflow_name": name,
        "root_name": name,
        "record_at": first_moment(record, "updated_at", "created_at"),
        "started_at": start,
        "attributes": _attributes(record) | said.facts(),
        **facts(record, said),
    }
    if start is not None and seconds is not None and 0 <= seconds < LONGEST_SECONDS:
        claim["ended_at"] = start + round(seconds * PER_SECOND)
    claim["cost_usd"] = number(record.get("total_cost")) or None
    claim["input_tokens"] = count(record.get("input_tokens")) or None
    claim["output_tokens"] = count(record.get("output_tokens")) or None
    return present(claim)


def _attributes(record: Row) -> Row:
    names = ("tags", "release", "project_id")
    return {f"langfuse.{name}": record[name] for name in names if record.get(name)}
