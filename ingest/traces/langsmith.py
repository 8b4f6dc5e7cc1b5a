"""Runs of LangSmith: bulk export (Parquet), dumps of the SDK's `list_runs`, `/runs/query` bodies.

A run of LangSmith is a step here, and its trace is the run. `session_id` is the tracing project;
the conversation stands in the metadata. In Parquet and CSV the inputs, outputs and the extra part
are JSON text, and fields may be missing. A model call counts once: roots repeat the sums of their
calls, and a call may stand inside another one that states the same usage (whichever of the two is
read first keeps it). `feedback_stats` are sums of feedback that is exported on its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from math import isnan
from typing import Any, Literal

from ingest.fields.content import without_content
from ingest.fields.failures import is_in_band_error
from ingest.fields.messages import brief
from ingest.fields.objects import member
from ingest.fields.scalars import first_text, text
from ingest.fields.usage import COST, TOKENS
from ingest.formats import Ignored, Placed, Read, Reject, Rows, Sample, Value
from ingest.hashes import parse_json, sha256
from ingest.traces.langsmith_run.identity import Identity, identity, time_of
from ingest.traces.langsmith_run.model_call import put_model_call

NAME = "langsmith.runs"
HOLDS: Literal["whole", "part"] = "part"
RECORDS = "steps"
BASIS: Literal["files", "documentation"] = "files"
OBTAIN = (
    "LangSmith: a bulk export (Parquet), or dump `Client().list_runs(project_name=…)` as JSON lines"
    " with `run.model_dump_json()`, or save the body of POST /runs/query."
)

Row = dict[str, Any]

MARKS = """is_root trace_tier tenant_id session_id session_name feedback_stats parent_run_id
parent_run_ids""".split()
KINDS = {
    "llm": "llm",
    "tool": "tool",
    "retriever": "retrieval",
    "embedding": "retrieval",
    "chain": "chain",
    "agent": "agent",
    "guardrail": "guardrail",
}
BILLED = frozenset({"llm", "embedding"})
STATUS = {"success": "ok", "error": "error"}
RUN_STATUS = {"success": "ok", "error": "error", "pending": "running", "interrupted": "running"}
CONVERSATION = ("session_id", "thread_id", "conversation_id")
TOLD = frozenset({*CONVERSATION, "usage_metadata"})
PERSONAL = re.compile(r"user|e-?mail|phone", re.IGNORECASE)
RAISED = re.compile(r"\s*([A-Za-z_][\w.]*)\s*[(:]")
PAUSE = "GraphInterrupt"
PROJECT = "LANGSMITH_PROJECT"


def accepts(sample: Sample) -> bool:
    """Whether the values are LangSmith runs, or bodies that list them."""
    if sample.container not in ("json", "parquet", "csv"):
        return False
    return _are_runs(sample) or _are_runs(sample.under("runs"))


def _are_runs(sample: Sample) -> bool:
    columns = sample.columns
    if "run_type" not in columns or columns.isdisjoint({"id", "run_id"}):
        return False
    placed = sample.has("trace_id", "dotted_order") or not columns.isdisjoint(MARKS)
    return placed and not columns.isdisjoint({"start_time", "status", "inputs"})


def read(values: Iterator[Value]) -> Iterator[Read]:
    """One step a run, with what a root says of its trace."""
    counted: set[str] = set()
    for value in values:
        listed = value.get("runs")
        if not isinstance(listed, list) or "run_type" in value:
            yield from _with_children(value, "", counted)
            continue
        if not listed:
            yield Ignored("empty page")
        for number, run in enumerate(listed):
            yield from _with_children(run, f"runs[{number}]", counted)


def _with_children(run: Any, place: str, counted: set[str]) -> Iterator[Read]:
    """The run and those nested in it, without recursion: they may lie deep."""
    waiting = [(run, place)]
    while waiting:
        found, at = waiting.pop()
        yield _record(found, at, counted)
        children = found.get("child_runs") if isinstance(found, dict) else None
        if isinstance(children, list):
            prefix = f"{at}.child_runs" if at else "child_runs"
            waiting += [(c, f"{prefix}[{n}]") for n, c in reversed(list(enumerate(children)))]


def _record(run: Any, place: str, counted: set[str]) -> Read:
    if not isinstance(run, dict):
        return Reject("not_an_object", "a run is not an object.", place, str(run)[:500])
    run = {k: v for k, v in run.items() if not (isinstance(v, float) and isnan(v))}
    try:
        known = identity(run)
        rows = _rows(run, known)
    except (ValueError, OverflowError) as error:
        excerpt = json.dumps(run, default=str)[:500]
        return Reject("shape", str(error), place, excerpt)
    _count_once(rows["steps"][0], known, counted)
    return Placed(rows, place)


def _count_once(step: Row, known: Identity, counted: set[str]) -> None:
    """Take usage off a call that stands around, or inside, one that was counted already."""
    if step.get("input_tokens") is None and step.get("output_tokens") is None:
        return
    told = counted.intersection({known.step_id, *known.ancestors})
    if f"around {known.step_id}" in counted or told - {known.step_id}:
        for column in (*TOKENS, *COST):
            step.pop(column, None)
        return
    counted.add(known.step_id)
    counted.update(f"around {ancestor}" for ancestor in known.ancestors)


def _rows(run: Value, known: Identity) -> Rows:
    extra, outputs = _decoded(run.get("extra")), _decoded(run.get("outputs"))
    word = (text(run.get("run_type")) or "").lower()
    kind, ended = KINDS.get(word, "other"), time_of(run.get("end_time"))
    step: Row = {
        "run_id": known.run_id,
        "step_id": known.step_id,
        "parent_step_id": known.parent_id,
        "kind": kind,
        "name": text(run.get("name")) or word or "unnamed",
        "started_at": time_of(run.get("start_time")) or known.began,
        "ended_at": ended,
        "record_at": time_of(run.get("modified_at")),
    }
    metadata = member(extra, "metadata")
    step["agent"] = first_text(metadata, "lc_agent_name", "agent_name")
    if kind == "chain" and step["agent"] == step["name"]:
        step["kind"] = "agent"
    _put_status(step, run)
    if word in BILLED:
        put_model_call(step, run, extra, outputs)
    if kind == "tool":
        _put_tool(step, outputs)
    return {
        "steps": [step],
        "payloads": [_payload(step, run, metadata)],
        "run_claims": [_claim(step, run, metadata)],
    }


def _decoded(value: object) -> Value:
    found = parse_json(value) if isinstance(value, str) else value
    return found if isinstance(found, dict) else {}


def _status_of(run: Value) -> str:
    """The stated word, else as far as the fields that were exported tell.

    A run without an end is pending, one that was paused for a person is interrupted.
    """
    word = (text(run.get("status")) or "").lower()
    error = text(run.get("error"))
    if error and error.startswith(PAUSE):
        return "interrupted"
    if word:
        return word
    ended = "success" if run.get("end_time") else "pending" if "end_time" in run else "unknown"
    return "error" if error else ended


def _put_status(step: Row, run: Value) -> None:
    word, error = _status_of(run), text(run.get("error"))
    step["status"] = STATUS.get(word, "unset")
    if word == "error" and error:
        raised = RAISED.match(error)
        step["error_type"] = raised[1].rsplit(".", 1)[-1] if raised else None
        step["error_message"] = brief(error)


def _put_tool(step: Row, outputs: Value) -> None:
    """Set the tool; LangChain's tool messages say which call they answer and how it went."""
    step["tool"] = step["name"]
    message = member(outputs, "output")
    message = member(message, "kwargs") or message
    step["call_id"] = text(message.get("tool_call_id"))
    step["in_band_error"] = message.get("status") == "error" or (
        step["status"] != "error" and is_in_band_error({}, outputs)
    )


def _payload(step: Row, run: Value, metadata: Value) -> Row:
    facts = {f"metadata.{k}": v for k, v in _impersonal(metadata).items()}
    if run.get("tags") is not None and run["tags"] != []:
        facts["tags"] = run["tags"]
    return {
        "run_id": step["run_id"],
        "step_id": step["step_id"],
        "input": run.get("inputs") or run.get("inputs_preview"),
        "output": run.get("outputs") or run.get("outputs_preview"),
        "attributes": facts,
    }


def _impersonal(metadata: Value) -> Value:
    """The metadata that have no column of their own and do not say who the user is."""
    return {k: v for k, v in metadata.items() if k not in TOLD and not PERSONAL.search(k)}


def _claim(step: Row, run: Value, metadata: Value) -> Row:
    """What a run says of its trace: its conversation and user, and as the root how it went."""
    user = text(metadata.get("user_id"))
    claim: Row = {
        "run_id": step["run_id"],
        "session_id": first_text(metadata, *CONVERSATION),
        "user_hash": sha256(user.encode("utf-8", "surrogatepass")) if user else None,
    }
    if step["parent_step_id"] is not None:
        return claim
    word = _status_of(run)
    told = without_content(_impersonal(metadata))
    facts = {f"langsmith.metadata.{k}": v for k, v in told.items()}
    facts["langsmith.project"] = first_text(run, "session_name") or text(metadata.get(PROJECT))
    facts["langsmith.project_id"] = text(run.get("session_id"))
    return claim | {
        "root_name": step["name"],
        "started_at": step["started_at"],
        "ended_at": step["ended_at"],
        "record_at": step["record_at"],
        "status": RUN_STATUS.get(word, "unknown"),
        "termination_reason": word if word == "interrupted" else None,
        "error_message": step.get("error_message"),
        "environment": first_text(metadata, "environment", "env"),
        "version": first_text(metadata, "revision_id", "LANGCHAIN_REVISION_ID"),
        "task_key": text(run.get("reference_example_id")),
        "attributes": {k: v for k, v in facts.items() if isinstance(v, str | int | float)},
    }
