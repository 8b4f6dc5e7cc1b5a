"""Who&When: failed runs of several agents, each with the mistake that people found decisive.

Two spellings are read: runs of generated teams (`name` tells the agent) and of Magentic-One
(`role` tells it). No time, tokens or models are stated.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from ingest.fields.messages import said
from ingest.fields.pages import each
from ingest.fields.scalars import first_text, first_value, flag, text
from ingest.formats import Read, Rows, Sample, Value
from ingest.hashes import of_value
from ingest.traces.transcript.speakers import speaker
from ingest.traces.transcript.steps import Transcript, facts, records, reward_votes

NAME = "who_when.failure"
HOLDS: Literal["whole", "part"] = "whole"
RECORDS = "run_claims"
BASIS: Literal["files", "documentation"] = "files"
OBTAIN = "Who&When: the JSON files of its data folder, or the Parquet files of its dataset."

Row = dict[str, Any]


def accepts(sample: Sample) -> bool:
    """Whether the values are conversations with a labelled mistake."""
    labelled = sample.has("history", "mistake_agent", "mistake_step")
    return sample.container in ("json", "parquet") and labelled


def read(values: Iterator[Value]) -> Iterator[Read]:
    """One run with its steps, its correctness as a vote and the mistake as feedback."""
    return each(values, lambda run, _: [_rows(run)])


def _rows(value: Value) -> Rows:
    history = records(value, "history")
    task = first_text(value, "question_ID", "question_id")
    spoken = [[text(m.get(n)) for n in ("name", "role", "content")] for m in history]
    transcript = Transcript(of_value(["who_when", task, text(value.get("question")), spoken]))
    for position, message in enumerate(history):
        label = text(message.get("name")) or text(message.get("role")) or "unknown"
        transcript.add(str(position), speaker(label), output=said(message.get("content")))
    correct = flag(first_value(value, "is_correct", "is_corrected"))
    claim = {
        "task_key": task,
        "status": "unknown",
        "time_source": "load",
        "architecture": "multi",
        "attributes": facts("who_when", value, "level"),
    }
    votes = reward_votes(transcript.run_id, correct, "is_correct")
    return transcript.record(claim, outcome_votes=votes, feedback=_mistake(value, transcript))


def _mistake(value: Value, transcript: Transcript) -> list[Row]:
    """The label of the decisive mistake; on the run where its step is not in the conversation."""
    agent, stated = text(value.get("mistake_agent")), text(value.get("mistake_step"))
    if agent is None and stated is None:
        return []
    step_id = stated if stated in transcript.rows else None
    return [
        {
            "feedback_id": of_value(["who_when", transcript.run_id, agent, stated]),
            "target_kind": "step" if step_id else "run",
            "target_id": step_id or transcript.run_id,
            "run_id": transcript.run_id,
            "step_id": step_id,
            "source": "reviewer",
            "name": "mistake",
            "label": agent,
            "verdict": "incorrect",
            "comment": text(value.get("mistake_reason")),
        }
    ]
