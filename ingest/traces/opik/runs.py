"""What a trace of Opik claims of its run. Its usage and cost are sums over its spans."""

from __future__ import annotations

from typing import Any

from ingest.fields.content import without_content
from ingest.fields.moments import first_moment
from ingest.fields.objects import as_object, flat
from ingest.fields.scalars import text
from ingest.formats import Value
from ingest.traces.opik.spans import put_failure

Row = dict[str, Any]

FACTS = ("tags", "source", "total_estimated_cost", "span_count", "llm_span_count", "providers")


def claim_of(value: Value, project: object = None) -> Row:
    """The claim of a trace; ValueError where it has no id."""
    run_id = text(value.get("id"))
    if run_id is None:
        raise ValueError("it has no id.")
    name, ended = text(value.get("name")), first_moment(value, "end_time")
    claim: Row = {
        "run_id": run_id,
        "record_at": first_moment(value, "last_updated_at"),
        "workflow_name": name,
        "root_name": name,
        "domain": text(project) or text(value.get("project_name")),
        "started_at": first_moment(value, "start_time"),
        "ended_at": ended,
        "session_id": text(value.get("thread_id")),
        "environment": text(value.get("environment")),
        "attributes": _facts(value),
    }
    put_failure(claim, value)
    claim.pop("error_type", None)
    if claim["status"] == "ok" and ended is None:
        claim["status"] = "running"
    return claim


def _facts(value: Value) -> Row:
    kept = {f"opik.{name}": value[name] for name in FACTS if value.get(name)}
    kept |= flat(as_object(value.get("usage")), "opik.usage.")
    return without_content(kept | flat(as_object(value.get("metadata")), "metadata."))
