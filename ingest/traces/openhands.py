"""Trajectories of OpenHands: a list of events, bare or in an envelope, or a line a task evaluated.

A record is the run. Events are of version 0 (action and observation) or of version 1 (`kind`). A
list has no id of its own: its first events tell it from others. `test_result` of an evaluation is
the label of the run where it says whether the task was solved; `feedback` is the user's.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from ingest.feedback.verdicts import score_of, verdict_of
from ingest.fields.messages import brief
from ingest.fields.moments import stated_time
from ingest.fields.objects import member, objects
from ingest.fields.rejects import misshapen
from ingest.fields.scalars import flag, text
from ingest.formats import Read, Sample, Value
from ingest.hashes import of_value
from ingest.traces.openhands_run.actions import Actions
from ingest.traces.openhands_run.events import Events
from ingest.traces.openhands_run.run import AGENT, Run, put_totals
from ingest.traces.transcript.steps import facts, reward_votes

NAME = "openhands.trajectory"
HOLDS: Literal["whole", "part"] = "whole"
RECORDS = "run_claims"
BASIS: Literal["files", "documentation"] = "files"
OBTAIN = (
    "Download the trajectory of a conversation, set `save_trajectory_path`, or load the"
    " output.jsonl of an evaluation."
)

Row = dict[str, Any]

SOURCES = frozenset({"agent", "user", "environment", "hook"})
WRAPPERS = ("trajectory", "items", "events")
LABELS = ("resolved", "success", "passed", "result", "score")
FIRST = 3
"""How many events tell one list from another."""


def accepts(sample: Sample) -> bool:
    """Whether the values are events of one conversation, or records of an evaluation."""
    if sample.container != "json" or not sample.values:
        return False
    if sample.has("instance_id", "history"):
        return any("history" in v and ("metrics" in v or "test_result" in v) for v in sample.values)
    if all(_envelope(v) is not None for v in sample.values):
        return True
    return len(sample.values) > 1 and all(map(_is_event, sample.values))


def _is_event(value: Value) -> bool:
    if text(value.get("source")) not in SOURCES or "timestamp" not in value:
        return False
    is_old = "action" in value or "observation" in value
    return (is_old and "message" in value) or text(value.get("kind")) is not None


def _envelope(value: Value) -> list[Value] | None:
    """The events of an object that wraps them, null where it wraps none."""
    found = next((objects(value.get(n)) for n in WRAPPERS if n in value), [])
    return found if found and _is_event(found[0]) and "info" not in value else None


def read(values: Iterator[Value]) -> Iterator[Read]:
    """One run a record of an evaluation; events outside of one are one run."""
    events: list[Value] = []
    for value in values:
        if "instance_id" in value:
            yield _task(value)
        elif (wrapped := _envelope(value)) is not None:
            yield _rows(of_value(wrapped[:FIRST]), wrapped, value)
        elif _is_event(value):
            events.append(value)
        else:
            yield misshapen("it is neither an event nor a record of an evaluation.", value)
    if events:
        yield _rows(of_value(events[:FIRST]), events, {})


def _task(value: Value) -> Read:
    history = value.get("history")
    if not isinstance(history, list):
        return misshapen("its history is not a list.", value)
    task = text(value.get("instance_id"))
    flat = [e for pair in history for e in (pair if isinstance(pair, list) else [pair])]
    events = objects(flat)
    return _rows(of_value([task, value.get("attempt"), events[:FIRST]]), events, value)


def _rows(run_id: str, events: list[Value], task: Value) -> Read:
    is_new = any("kind" in event for event in events)
    run = Events(run_id) if is_new else Actions(run_id)
    metrics = member(task, "metrics")
    run.know(metrics)
    for place, event in enumerate(events):
        run.take(event, place)
    claim: Row = {"service_name": AGENT, "record_at": run.latest}
    claim["task_key"] = text(task.get("instance_id"))
    claim["attributes"] = _attributes(task)
    put_totals(claim, run.rows, metrics or run.totals)
    claim |= run.end
    if error := task.get("error"):
        claim |= {"status": "error", "error_message": brief(error)}
    votes, feedback = _votes(task, run), _feedback(task, run)
    return run.record(claim, approvals=run.approvals, outcome_votes=votes, feedback=feedback)


def _attributes(task: Value) -> Row:
    metadata = member(task, "metadata")
    told = facts("openhands", metadata, "agent_class", "dataset")
    return told | facts("openhands", task, "attempt")


def _feedback(task: Value, run: Run) -> list[Row]:
    """What the user thought of the run; without a time of its own it has that of the run's end."""
    label = text(task.get("feedback"))
    at = stated_time(task.get("timestamp")) or run.latest
    if label is None or at is None:
        return []
    score = score_of(label)
    told = {"name": "feedback", "label": label, "score": score, "verdict": verdict_of(score)}
    ids = {"target_kind": "run", "target_id": run.run_id, "run_id": run.run_id}
    return [{**ids, "source": "end_user", **told, "created_at": at}]


def _votes(task: Value, run: Run) -> list[Row]:
    result = member(task, "test_result")
    for holder in (member(task, "report"), member(result, "report"), result):
        for name in LABELS:
            stated = holder.get(name)
            is_solved = flag(stated)
            label = stated if is_solved is None else is_solved
            if votes := reward_votes(run.run_id, label, name):
                return [{**vote, "voted_at": run.latest} for vote in votes]
    return []
