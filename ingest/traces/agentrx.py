"""The AgentRx benchmark: failed runs, and what people found wrong in them.

Two kinds of file belong together. Runs are attempts of tau-bench whose messages are numbered
(`traj`), or normalised trajectories (`steps` of `substeps`); labels list the failures of a run by
step number. A run is known by its trajectory id in the namespace of this benchmark alone: other
benchmarks number their tasks alike. Neither kind states a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal

from ingest.fields.messages import said
from ingest.fields.objects import member
from ingest.fields.pages import each
from ingest.fields.scalars import text
from ingest.formats import Ignored, Placed, Read, Rows, Sample, Value
from ingest.hashes import of_value
from ingest.traces.tau_bench import attempt, is_numbered
from ingest.traces.transcript.speakers import ASSISTANT, REPLY, REQUEST, speaker
from ingest.traces.transcript.steps import Transcript, records

NAME = "agentrx.benchmark"
HOLDS: Literal["whole", "part"] = "whole"
RECORDS = "run_claims feedback"
BASIS: Literal["files", "documentation"] = "files"
OBTAIN = (
    "AgentRx: the trajectories of its `data` folder or dataset, and the ground truth files"
    " beside them."
)

Row = dict[str, Any]

TAU_PREFIX = "tau_retail_"
TAU_ROLES: dict[str, Row] = {
    "user": REQUEST,
    "assistant": REPLY,
    "tool": {"kind": "tool", "name": "tool", "agent": ASSISTANT},
}


def accepts(sample: Sample) -> bool:
    """Whether the values are numbered attempts, normalised trajectories or labels of failures."""
    if sample.container not in ("json", "parquet"):
        return False
    if sample.has("trajectory_id"):
        labels = sample.under("failures").has("failure_category", "step_number")
        return labels or sample.under("steps").has("index", "substeps")
    return sample.has("task_id", "traj") and is_numbered(sample)


def read(values: Iterator[Value]) -> Iterator[Read]:
    """One run a trajectory, and one feedback row a labelled failure."""
    return each(values, _records)


def _records(value: Value, _: str) -> Iterable[Read]:
    stated = text(value.get("trajectory_id", value.get("task_id")))
    if stated is None:
        raise ValueError("it names no trajectory: it has neither a trajectory_id nor a task_id.")
    key = stated.removeprefix(TAU_PREFIX)
    return _failures(value, key) if "failures" in value else [_run(value, key)]


def _run_id(key: str) -> str:
    return of_value(["agentrx", key])


def _run(value: Value, key: str) -> Rows:
    run_id = _run_id(key)
    if "traj" in value:
        return attempt(value, run_id)
    transcript = Transcript(run_id)
    for position, step in enumerate(records(value, "steps"), start=1):
        _add(transcript, text(step.get("index")) or str(position), step)
    claim = {"task_key": key, "status": "unknown", "time_source": "load", "attributes": {}}
    return transcript.record(claim)


def _add(transcript: Transcript, number: str, step: Value) -> None:
    """The parts of one numbered step; the first keeps the plain number, which labels point at."""
    stated = step.get("substeps")
    parts = stated if isinstance(stated, list) else [{"content": stated}]
    for position, part in enumerate(parts, start=1):
        spoken = part if isinstance(part, dict) else {"content": part}
        role = text(spoken.get("role")) or ASSISTANT
        if role == "system":
            continue
        step_id = number if position == 1 else f"{number}.{position}"
        facts = TAU_ROLES.get(role) or speaker(role)
        transcript.add(step_id, facts, output=said(spoken.get("content")))


def _failures(value: Value, key: str) -> Iterator[Read]:
    root = member(value, "root_cause")
    decisive = text(root.get("failure_id", value.get("root_cause_failure_id")))
    reason = text(root.get("reason_for_root_cause", value.get("root_cause_reason")))
    found = records(value, "failures")
    if not found:
        yield Ignored("no failures labelled")
    for position, failure in enumerate(found):
        row = _label(failure, key, position)
        if decisive is not None and text(failure.get("failure_id")) == decisive:
            row["name"] = "root_cause"
            row["comment"] = "\n".join(filter(None, (row["comment"], reason))) or None
        yield Placed({"feedback": [row]}, f"failures[{position}]")


def _label(failure: Value, key: str, position: int) -> Row:
    run_id, step_id = _run_id(key), text(failure.get("step_number"))
    category = text(failure.get("failure_category"))
    reasons = (text(failure.get(name)) for name in ("step_reason", "category_reason"))
    number = text(failure.get("failure_id")) or f"position {position}"
    return {
        "feedback_id": of_value(["agentrx", key, number]),
        "target_kind": "step" if step_id else "run",
        "target_id": step_id or run_id,
        "run_id": run_id,
        "step_id": step_id,
        "source": "reviewer",
        "name": "failure",
        "label": category,
        "category": category,
        "verdict": "incorrect",
        "comment": "\n".join(filter(None, reasons)) or None,
    }
