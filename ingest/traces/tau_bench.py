"""Results of tau-bench (the first one): one attempt at a task a record, without any time.

What the simulated user cost is kept beside the run and is no cost of the agent. The domain is not
in the file: the folder or `--workflow` names it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from ingest.fields.messages import brief
from ingest.fields.objects import member
from ingest.fields.pages import each
from ingest.fields.scalars import text
from ingest.formats import Read, Rows, Sample, Value
from ingest.hashes import of_value
from ingest.traces.transcript.chat import add_chat
from ingest.traces.transcript.steps import Transcript, facts, records, reward_votes

NAME = "tau_bench.run"
HOLDS: Literal["whole", "part"] = "whole"
RECORDS = "run_claims"
BASIS: Literal["files", "documentation"] = "files"
OBTAIN = "tau-bench: the JSON file that `python run.py` writes to its results folder."


def accepts(sample: Sample) -> bool:
    """Whether the values are attempts with a reward and a conversation that is not numbered."""
    shaped = sample.has("task_id", "traj") and (sample.has("reward") or sample.has("info"))
    return sample.container == "json" and shaped and not is_numbered(sample)


def is_numbered(sample: Sample) -> bool:
    """Whether the messages state their index, as those of AgentRx do."""
    return sample.has("traj") and sample.under("traj").has("index")


def read(values: Iterator[Value]) -> Iterator[Read]:
    """One run with its steps and its reward as a vote; a run of the wrong shape is a reject."""
    return each(values, _attempts)


def _attempts(run: Value, _: str) -> Iterator[Read]:
    yield attempt(run, of_value([run.get(name) for name in ("task_id", "trial", "traj")]))


def attempt(run: Value, run_id: str) -> Rows:
    """The rows of one attempt; ValueError where its conversation is none."""
    transcript = Transcript(run_id)
    add_chat(transcript, records(run, "traj"))
    info = member(run, "info")
    error = brief(info.get("error"))
    claim = {
        "task_key": text(run.get("task_id")),
        "status": "error" if error else "ok",
        "error_message": error,
        "time_source": "load",
        "attributes": facts("tau_bench", run, "trial") | facts("tau_bench", info, "user_cost"),
    }
    return transcript.record(claim, outcome_votes=reward_votes(run_id, run.get("reward")))
