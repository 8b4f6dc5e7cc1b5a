"""Runs of AgentDojo: one file a run, with or without an attack hidden in what the tools return.

The content names the run completely, so its path does not matter: pipeline, suite, task, attack
and injection; newer files add the time of the evaluation and versions, older ones state no time.
`utility` says whether the task was done. `security` says whether the attack succeeded and is true
where there was none: it is no measure of success. The message of the user is the input of the
first step.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from ingest.fields.messages import brief, said
from ingest.fields.moments import after, stated_time
from ingest.fields.objects import member
from ingest.fields.pages import each
from ingest.fields.scalars import text, unsigned
from ingest.formats import Read, Rows, Sample, Value
from ingest.hashes import of_value
from ingest.traces.transcript.chat import PROMPTS, called, spoken
from ingest.traces.transcript.speakers import ASSISTANT, REPLY, UNKNOWN_ROLE
from ingest.traces.transcript.steps import Transcript, facts, records, reward_votes

NAME = "agentdojo.run"
HOLDS: Literal["whole", "part"] = "whole"
RECORDS = "run_claims"
BASIS: Literal["files", "documentation"] = "files"
OBTAIN = "AgentDojo: the folder given as `--logdir` (`runs`), one JSON file a run."

Row = dict[str, Any]

PLACE = ("pipeline_name", "suite_name", "user_task_id", "attack_type", "injection_task_id")
ATTEMPT = ("benchmark_version", "evaluation_timestamp", "agentdojo_package_version", "duration")
NAMED = ("user_task_id", "attack_type", "injection_task_id")
KEPT = (*NAMED, "security", "benchmark_version", "agentdojo_package_version")
ROLES = PROMPTS | {"user", "assistant", "tool"}


def accepts(sample: Sample) -> bool:
    """Whether the values name a suite, a pipeline and a task, and hold the conversation."""
    named = sample.has("suite_name", "pipeline_name", "user_task_id", "messages")
    return sample.container == "json" and named


def read(values: Iterator[Value]) -> Iterator[Read]:
    """One run with its steps and its utility as a vote; a run of the wrong shape is a reject."""
    return each(values, lambda run, _: [_rows(run)])


def _rows(run: Value) -> Rows:
    known = {n: run[n] for n in (*PLACE, *ATTEMPT) if run.get(n) is not None}
    transcript = Transcript(of_value(["agentdojo", known]))
    question = None
    for position, message in enumerate(records(run, "messages")):
        role = text(message.get("role"))
        if role not in ROLES:
            raise ValueError(UNKNOWN_ROLE)
        if role == "tool":
            _add_answer(transcript, str(position), message)
        elif role == "assistant":
            _add_reply(transcript, str(position), message, question)
            question = None
        elif role == "user":
            question = said(message.get("content"))
    votes = reward_votes(transcript.run_id, run.get("utility"), "utility")
    return transcript.record(_claim(run), outcome_votes=votes)


def _claim(run: Value) -> Row:
    error, seconds = brief(run.get("error")), unsigned(run.get("duration"))
    attack = text(run.get("attack_type")) or "none"
    started = stated_time(run.get("evaluation_timestamp"))
    is_finished = run.get("utility") is not None
    return {
        "domain": text(run.get("suite_name")),
        "version": text(run.get("pipeline_name")),
        "task_key": "/".join(t for n in NAMED if (t := text(run.get(n)))),
        "status": "error" if error else "ok" if is_finished else "unknown",
        "error_message": error,
        "started_at": started,
        "ended_at": after(started, seconds),
        "time_source": None if started else "load",
        "duration_ms": None if seconds is None else seconds * 1_000,
        "architecture": "single",
        "attributes": facts("agentdojo", {**run, "attack_type": attack}, *KEPT),
    }


def _add_reply(transcript: Transcript, step_id: str, message: Value, question: object) -> None:
    content = message.get("content")
    blocks = content if isinstance(content, list) else []
    thoughts = [b for b in blocks if isinstance(b, dict) and b.get("type") == "thinking"]
    if thoughts:
        content = [b for b in blocks if b not in thoughts]
    transcript.add(
        step_id,
        REPLY,
        input=question,
        output=spoken(content, called(message)),
        rationale="\n".join(t for b in thoughts if (t := text(b.get("content")))) or None,
    )


def _add_answer(transcript: Transcript, step_id: str, message: Value) -> None:
    call, error = member(message, "tool_call"), brief(message.get("error"))
    name = text(call.get("function")) or "unknown"
    step: Row = {"kind": "tool", "name": name, "tool": name, "agent": ASSISTANT}
    step |= {"call_id": text(message.get("tool_call_id")) or text(call.get("id"))}
    step |= {"in_band_error": error is not None, "error_message": error}
    transcript.add(step_id, step, input=call.get("args"), output=said(message.get("content")))
