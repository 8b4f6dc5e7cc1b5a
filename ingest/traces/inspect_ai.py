"""Logs of Inspect AI evaluations, `.eval` archives and JSON: every sample is a run.

Its steps come from the events of the sample, or from its messages where the log has none. A sample
says itself whether it failed or ran into a limit; one that says neither ended as its evaluation did
when that was cancelled, and is still running in an unfinished log unless it was scored. Every score
is feedback of an evaluator. The headline scorer's score is a vote on the outcome as well: it is the
very result a sample was run for, as the reward is of other benchmarks; but it is an evaluator's
opinion and no label, so that a person's review stands above it. Epochs of a sample share its task
key. Time that an early log does not state is that of its evaluation, and `time_note` says so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal, NamedTuple

from ingest.errors import classify
from ingest.fields.content import without_content
from ingest.fields.messages import brief
from ingest.fields.objects import member, objects
from ingest.fields.scalars import number, text
from ingest.fields.usage import TOKENS
from ingest.formats import Ignored, Placed, Read, Reject, Sample, Value
from ingest.hashes import of_value
from ingest.traces.inspect_log.calls import instant
from ingest.traces.inspect_log.events import Recorder
from ingest.traces.inspect_log.judgements import approvals, feedback, headline_of, votes
from ingest.traces.inspect_log.messages import record_messages
from ingest.traces.inspect_log.texts import Texts
from ingest.traces.inspect_log.usage import put_total
from ingest.zip_values import Samples

NAME = "inspect.eval"
HOLDS: Literal["whole", "part"] = "whole"
RECORDS = "run_claims"
BASIS: Literal["files", "documentation"] = "files"
OBTAIN = (
    "Inspect AI writes a log of every `inspect eval` to ./logs; load the .eval files, or convert"
    " them with `inspect log convert --to json`."
)

Row = dict[str, Any]

EMPTY = "a log without samples"
STOPPED = {"operator": "cancelled"}
FACTS = ("task", "task_id", "task_version", "eval_id", "run_id", "model", "solver")
SHORT = 100
RAISED = re.compile(r"([A-Z]\w+)\(")


class Log(NamedTuple):
    """The header of a log, and whether it has one sample only, which then used all its tokens."""

    header: Value
    evaluation: Value
    is_single: bool


def accepts(sample: Sample) -> bool:
    """Whether the values are logs of evaluations."""
    return sample.container in ("json", "eval") and any(map(_is_log, sample.values[:1]))


def _is_log(value: Value) -> bool:
    evaluation = value.get("eval")
    known = any(name in value for name in ("plan", "stats", "version"))
    return known and isinstance(evaluation, dict) and "task" in evaluation and "model" in evaluation


def read(values: Iterator[Value]) -> Iterator[Read]:
    """One run a sample with all that belongs to it."""
    for value in values:
        if not _is_log(value):
            yield Reject("shape", "it is no log of an evaluation.", excerpt=_excerpt(value))
            continue
        found = value.get("samples")
        listed = len(found) if isinstance(found, list | Samples) else 0
        if not isinstance(found, list | Samples) or not listed:
            yield Ignored(EMPTY)
            continue
        log = Log(value, member(value, "eval"), listed == 1)
        for place, sample in _placed(found):
            yield _record(log, sample, place)


def _placed(found: list[Any] | Samples) -> Iterator[tuple[str, Any]]:
    if isinstance(found, Samples):
        yield from found
        return
    for position, sample in enumerate(found):
        yield f"samples[{position}]", sample


def _record(log: Log, sample: Any, place: str) -> Read:
    if isinstance(sample, Reject):
        return sample._replace(place=place)
    if not isinstance(sample, dict) or (sample.get("id") is None and not sample.get("uuid")):
        return Reject("shape", "a sample has neither id nor uuid.", place, _excerpt(sample))
    try:
        return Placed(_rows(log, sample), place)
    except (ValueError, OverflowError, RecursionError) as error:
        return Reject("shape", str(error), place, _excerpt(sample))


def _excerpt(value: object) -> str:
    return json.dumps(value, default=str)[:500]


def _rows(log: Log, sample: Value) -> dict[str, list[Row]]:
    run_id = text(sample.get("uuid")) or of_value(
        [
            text(log.evaluation.get(name))
            for name in ("eval_id", "run_id", "task_id", "created", "model")
        ]
        + [text(sample.get("id")), text(sample.get("epoch"))]
    )
    recorder = Recorder(run_id, Texts(sample))
    events = objects(sample.get("events")) or objects(member(sample, "transcript").get("events"))
    recorder.record(events)
    if not any(step["kind"] in ("llm", "tool") for step in recorder.steps.values()):
        messages, model = objects(sample.get("messages")), text(log.evaluation.get("model"))
        record_messages(recorder, messages, model)
    scores = member(sample, "scores") or {headline_of(log.header) or "score": sample.get("score")}
    claim = _claim(log, sample, recorder)
    scored_at = claim["ended_at"] or claim["started_at"]
    return {
        "run_claims": [claim],
        "steps": list(recorder.steps.values()),
        "payloads": list(recorder.payloads.values()),
        "outcome_votes": votes(scores, headline_of(log.header), run_id),
        "feedback": feedback(scores, recorder, scored_at, run_id),
        "approvals": approvals(recorder),
    }


def _claim(log: Log, sample: Value, recorder: Recorder) -> Row:
    evaluation = log.evaluation
    started, ended, note = _times(log, sample, recorder)
    status = _status(log, sample)
    if status["status"] == "running":
        ended = None
    seconds = number(sample.get("total_time"))
    claim: Row = {
        "run_id": recorder.run_id,
        "domain": text(evaluation.get("task")),
        "version": text(evaluation.get("model")),
        "session_id": text(evaluation.get("eval_id")) or text(evaluation.get("run_id")),
        "task_key": text(sample.get("id")),
        "started_at": started,
        "ended_at": ended,
        "duration_ms": seconds * 1_000 if seconds is not None and ended is None else None,
        "record_at": instant(member(log.header, "stats").get("completed_at")),
        **status,
        "attributes": _facts(log, sample) | ({"time_note": note} if note else {}),
    }
    _put_usage(claim, log, sample, recorder)
    return claim


def _times(
    log: Log, sample: Value, recorder: Recorder
) -> tuple[datetime | None, datetime | None, str | None]:
    started = instant(sample.get("started_at")) or recorder.first
    if started is not None:
        return started, instant(sample.get("completed_at")) or recorder.last, None
    stated = instant(member(log.header, "stats").get("started_at"))
    started = stated or instant(log.evaluation.get("created"))
    return started, None, "the sample states no time: that of its evaluation" if started else None


def _status(log: Log, sample: Value) -> Row:
    limit = text(member(sample, "limit").get("type"))
    whole = text(log.header.get("status"))
    if error := sample.get("error"):
        return _failed(error if isinstance(error, dict) else {"message": error})
    if limit:
        return {"status": STOPPED.get(limit, "timeout"), "termination_reason": f"{limit} limit"}
    if whole == "cancelled":
        return {"status": "cancelled", "termination_reason": "evaluation cancelled"}
    is_over = sample.get("scores") or sample.get("completed_at") or sample.get("total_time")
    if whole in ("success", "error") or is_over:
        return {"status": "ok"}
    return {"status": "running"}


def _failed(error: Value) -> Row:
    """How a sample failed; its message is the exception as Python writes it, with its type first.

    Samples that ran when another one failed were cancelled.
    """
    message = brief(error.get("message"))
    kind = RAISED.match(message or "")
    found = classify(kind and kind[1], None)
    status = found if found in ("cancelled", "timeout") else "error"
    reason = {"termination_reason": "error", "error_message": message}
    return {"status": status, "error_class": found, **reason}


def _facts(log: Log, sample: Value) -> Row:
    """What the log says of the run, without what was asked, expected or said."""
    facts: Row = {f"inspect.{n}": log.evaluation[n] for n in FACTS if log.evaluation.get(n)}
    facts["inspect.status"] = log.header.get("status") or "started"
    facts["inspect.packages"] = member(log.evaluation, "packages").get("inspect_ai")
    for name in ("epoch", "total_time", "working_time"):
        facts[f"inspect.{name}"] = sample.get(name)
    facts["inspect.error_retries"] = len(objects(sample.get("error_retries"))) or None
    for name, value in without_content(member(sample, "metadata")).items():
        if isinstance(value, bool | int | float) or (isinstance(value, str) and len(value) < SHORT):
            facts[f"inspect.metadata.{name}"] = value
    return {k: v for k, v in facts.items() if isinstance(v, str | int | float)}


def _put_usage(claim: Row, log: Log, sample: Value, recorder: Recorder) -> None:
    """Where no call states its tokens, take those of the sample, or of the log it is alone in."""
    calls = [s for s in recorder.steps.values() if s["kind"] == "llm"]
    if any(call.get(name) is not None for call in calls for name in TOKENS):
        return
    alone = member(log.header, "stats") if log.is_single else {}
    by_model = member(sample, "model_usage") or member(alone, "model_usage")
    put_total(calls[0] if len(calls) == 1 and len(by_model) == 1 else claim, by_model)
