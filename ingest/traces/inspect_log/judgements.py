"""What was judged in a sample: the scores of its scorers, and decisions on its tool calls."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ingest.feedback.verdicts import score_of, verdict_of
from ingest.fields.objects import member, objects
from ingest.fields.scalars import number, text
from ingest.formats import Value
from ingest.hashes import canonical, of_value
from ingest.traces.inspect_log.calls import instant
from ingest.traces.inspect_log.events import Recorder

Row = dict[str, Any]

GRADES = {"C": 1.0, "P": 0.5, "I": 0.0, "N": 0.0}
DECISIONS = {
    "approve": "approved",
    "modify": "edited",
    "reject": "rejected",
    "terminate": "rejected",
}
LONGEST_LABEL = 200


def feedback(scores: Value, recorder: Recorder, at: datetime | None, run_id: str) -> list[Row]:
    """A row a scorer, or one a named value of a scorer that gives several."""
    given = {s.get("scorer"): instant(s.get("timestamp")) for s in recorder.scores}
    rows = []
    for scorer, score in scores.items():
        if not isinstance(score, dict):
            continue
        value = score.get("value")
        parts = value if isinstance(value, dict) else {"": value}
        for part, found in parts.items():
            name = f"{scorer}.{part}" if part else scorer
            row: Row = {"target_kind": "run", "target_id": run_id, "run_id": run_id, "name": name}
            row["created_at"] = given.get(scorer) or at
            row |= _said(found) | {"source": "evaluator", "comment": text(score.get("explanation"))}
            if row["created_at"] and (row["score"] is not None or row["label"]):
                rows.append(row)
    return rows


def _said(value: object) -> Row:
    """Label, score and verdict; a number beyond 0 to 1 has a scale that is not known."""
    if isinstance(value, bool):
        return {"label": text(value), "score": float(value), "verdict": verdict_of(float(value))}
    if isinstance(value, str):
        found = GRADES.get(value, score_of(value))
        if found is not None:
            return {"label": value, "score": found, "verdict": verdict_of(found)}
    figure = number(value)
    known = figure if figure is not None and 0 <= figure <= 1 else None
    label = None if isinstance(value, int | float) and known is not None else text(value)
    return {"label": label and label[:LONGEST_LABEL], "score": known, "verdict": None}


def votes(scores: Value, headline: str | None, run_id: str) -> list[Row]:
    """The headline scorer's score as the outcome of the run; nothing where its scale is unknown.

    The vote has no date, so that a score which a declaration names wins over it.
    """
    name = headline if headline in scores else next(iter(scores), None)
    score = _said(member(scores, name or "").get("value"))["score"]
    if name is None or score is None:
        return []
    outcome = "success" if score >= 1 else "failure" if score <= 0 else "partial"
    vote = {"run_id": run_id, "source": "evaluator", "outcome": outcome}
    return [{**vote, "score": score, "name": name}]


def approvals(recorder: Recorder) -> list[Row]:
    """One row a tool call that was decided on: the last decision counts, and one that only passes
    the question on to the next approver is none."""
    steps = {s["call_id"]: s for s in recorder.steps.values() if s.get("call_id")}
    rows: dict[str, Row] = {}
    for event in recorder.approvals:
        call, decided = member(event, "call"), instant(event.get("timestamp"))
        step = steps.get(text(call.get("id")), {})
        asked = step.get("started_at")
        decision = DECISIONS.get(text(event.get("decision")) or "")
        arguments = (member(event, "modified") or call).get("arguments")
        row = {"run_id": recorder.run_id, "step_id": step.get("step_id"), "decision": decision}
        row["action"] = text(call.get("function")) or "unknown"
        row["requested_at"] = min(t for t in (asked, decided) if t) if asked or decided else None
        if decision:
            approver = text(event.get("approver")) or ""
            row["decided_at"] = decided
            row["decider_type"] = "human" if approver == "human" else "policy"
        if arguments is not None:
            whole = recorder.texts.whole(arguments)
            row["payload_hash"] = of_value(whole)
            row["payload_chars"] = len(canonical(whole).decode("utf-8", "replace"))
        if row["requested_at"]:
            key = text(call.get("id")) or str(event["uuid"])
            rows[key] = row | {"approval_id": of_value([recorder.run_id, key])}
    return list(rows.values())


def headline_of(log: Value) -> str | None:
    """The scorer whose score is the result of the evaluation: the stated one, else the first."""
    results = member(log, "results")
    stated = text(member(results, "headline").get("scorer"))
    listed = objects(results.get("scores")) or objects(member(log, "eval").get("scorers"))
    return stated or next((text(s.get("scorer") or s.get("name")) for s in listed), None)
