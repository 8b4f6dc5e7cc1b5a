"""Feedback of LangSmith, as `list_feedback` of the SDK or GET /feedback gives it.

One row a score under its key. A comparison of two experiments is two rows, 1 for the run that was
preferred and 0 for the other. A run that is the root of its trace is judged as the run, another one
as a step; feedback without a run is about the whole project.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from ingest.feedback.verdicts import score_of, verdict_of
from ingest.fields.scalars import number, text
from ingest.formats import Ignored, Read, Reject, Sample, Value
from ingest.hashes import canonical, parse_json, sha256
from ingest.outcomes import SCORE_NAMES

NAME = "langsmith.feedback"
HOLDS: Literal["whole", "part"] = "part"
RECORDS = "feedback"
BASIS: Literal["files", "documentation"] = "files"
OBTAIN = (
    "Dump `Client().list_feedback(run_ids=…)` of the LangSmith SDK as JSON lines with"
    " `model_dump_json()`, or save the body of GET /feedback."
)

MARKS = ("feedback_source", "comparative_experiment_id", "feedback_group_id")
SOURCES = {"app": "reviewer", "model": "evaluator", "auto_eval": "evaluator"}
USER_NAMES = ("user_", "user-", "end_user", "thumb")
LONGEST_LABEL = 200


def accepts(sample: Sample) -> bool:
    """Whether the values are feedback, at the top or listed under `feedback`."""
    return any(map(_is_feedback, (sample, sample.under("feedback"))))


def _is_feedback(sample: Sample) -> bool:
    return sample.has("id", "key", "score", "run_id") and not sample.columns.isdisjoint(MARKS)


def read(values: Iterator[Value]) -> Iterator[Read]:
    """One feedback row a score."""
    for value in values:
        listed = value.get("feedback")
        if not isinstance(listed, list):
            yield _record(value, "")
            continue
        if not listed:
            yield Ignored("empty page")
        for place, found in enumerate(listed):
            yield _record(found, f"feedback[{place}]")


def _record(found: Any, place: str) -> Read:
    if not isinstance(found, dict):
        return Reject("not_an_object", "feedback is not an object.", place, str(found)[:500])
    target = _target(found)
    if target is None:
        return Reject("no_target", "the feedback names no run, trace or project.", place)
    said = _said(found)
    if all(said[name] is None for name in ("score", "label", "comment", "correction")):
        return Ignored("feedback that says nothing: neither score, value, comment nor correction")
    return {"feedback": [target | _who(found) | said]}


def _target(found: Value) -> dict[str, Any] | None:
    """What is judged; without a trace id the run may be any step, and is looked up by its id."""
    run, trace = (_id(found.get(name)) for name in ("run_id", "trace_id"))
    if run is not None:
        kind = "run" if run == trace else "step"
        step = None if kind == "run" else run
        return {"target_kind": kind, "target_id": run, "run_id": trace, "step_id": step}
    if trace is not None:
        return {"target_kind": "run", "target_id": trace, "run_id": trace}
    project = text(found.get("session_id"))
    return {"target_kind": "other", "target_id": project} if project else None


def _id(value: object) -> str | None:
    return found.lower() if (found := text(value)) else None


def _who(found: Value) -> dict[str, Any]:
    origin = _object(found.get("feedback_source"))
    author = text(origin.get("user_id")) or text(origin.get("user_name"))
    created = found.get("created_at") or found.get("modified_at") or found.get("start_time")
    return {
        "feedback_id": text(found.get("id")),
        "created_at": created,
        "record_at": found.get("modified_at") or None,
        "name": text(found.get("key")) or "feedback",
        "source": _source(origin, (text(found.get("key")) or "").lower()),
        "author_hash": sha256(author.encode("utf-8", "surrogatepass")) if author else None,
    }


def _source(origin: Value, key: str) -> str:
    """Who judged: people in the app, evaluators, or anybody through the API, mostly end users."""
    kind, metadata = (text(origin.get("type")) or "").lower(), _object(origin.get("metadata"))
    if "__run" in metadata:
        return "evaluator"
    if kind == "app" and any("queue" in name for name in metadata):
        return "sampled_review"
    if kind in SOURCES:
        return SOURCES[kind]
    return "end_user" if key.startswith(USER_NAMES) else "unknown"


def _said(found: Value) -> dict[str, Any]:
    """Score, label, verdict, comment and correction.

    A score beyond 0 to 1 has a scale that is not known and becomes the label. Only a score named
    for success is a verdict, and a preference is none.
    """
    stated = found.get("score")
    score, value = _figure(stated), found.get("value")
    label = _words(value) if value is not None else text(stated) if _is_flag(stated) else None
    if score is None and stated is not None and stated != "":
        label = label or text(stated)
    if stated is None or stated == "":
        score = _figure(value) if not isinstance(value, str) else score_of(value)
    is_pair = bool(found.get("comparative_experiment_id"))
    if is_pair and score is not None and label is None:
        label = "preferred" if score >= 0.5 else "not preferred"
    named = (text(found.get("key")) or "").lower() in SCORE_NAMES
    return {
        "score": score,
        "label": label and label[:LONGEST_LABEL],
        "verdict": verdict_of(score) if named and not is_pair else None,
        "comment": text(found.get("comment")),
        "correction": _words(found.get("correction")),
    }


def _is_flag(value: object) -> bool:
    return isinstance(value, bool) or (
        isinstance(value, str) and value.lower() in ("true", "false")
    )


def _figure(value: object) -> float | None:
    """A score from 0 to 1; true is 1 and false is 0."""
    if _is_flag(value):
        return float(str(value).lower() == "true")
    found = number(value)
    return found if found is not None and 0 <= found <= 1 else None


def _words(value: object) -> str | None:
    """Text, or a value as JSON; an empty value says nothing."""
    if value is None or value == "" or value == {} or value == []:
        return None
    return text(value) or canonical(value).decode("utf-8", "replace")


def _object(value: object) -> Value:
    found = parse_json(value) if isinstance(value, str) else value
    return found if isinstance(found, dict) else {}
