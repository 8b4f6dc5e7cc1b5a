"""Judgements written onto OpenInference spans: of the span, its trace or its session."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ingest.fields.nested import nested
from ingest.fields.scalars import Attributes, first_text, number, text
from ingest.formats import Read

Row = dict[str, Any]

TARGETS = {"annotations": "step", "trace.annotations": "run", "session.annotations": "session"}
TARGETS |= {name.replace("annotations", "evaluations"): kind for name, kind in TARGETS.items()}
SOURCES = {"HUMAN": "reviewer", "LLM": "evaluator", "CODE": "evaluator"}


def records(found: Attributes, step: Row) -> Iterator[Read]:
    """One feedback record a judgement, given at the end of its span."""
    if "openinference.span.kind" not in found or not any(map(_is_judgement, found)):
        return
    session = text(found.get("session.id"))
    targets = {"step": step["step_id"], "run": step["run_id"], "session": session}
    for name, kind in TARGETS.items():
        listed = found.get(name)
        for item in nested(found, f"{name}.") or (listed if isinstance(listed, list) else ()):
            if targets[kind] and (said := _said(item)):
                yield {"feedback": [_target(kind, targets[kind], step) | said]}


def _is_judgement(name: str) -> bool:
    return "annotations" in name or "evaluations" in name


def put_score(row: Row, score: float | None, label: str | None) -> None:
    """Set score and label; a score off the scale from 0 to 1 is kept as a label."""
    on_scale = score is not None and 0 <= score <= 1
    row["score"] = score if on_scale else None
    row["label"] = label or (None if score is None or on_scale else f"{score:g}")


def _target(kind: str, target: str | None, step: Row) -> Row:
    return {
        "target_kind": kind,
        "target_id": target,
        "run_id": None if kind == "session" else step["run_id"],
        "step_id": step["step_id"] if kind == "step" else None,
        "created_at": step["ended_at"] or step["started_at"],
    }


def _said(item: object) -> Row | None:
    """What a judgement says, its members under `annotation` or `evaluation`, nested or dotted."""
    if not isinstance(item, dict):
        return None
    flat: Row = {}
    for word in ("annotation", "evaluation"):
        inner = item.get(word)
        flat |= inner if isinstance(inner, dict) else {}
        flat |= {k.removeprefix(f"{word}."): v for k, v in item.items() if k.startswith(f"{word}.")}
    name = first_text(flat, "name")
    if name is None:
        return None
    kind = (text(flat.get("annotator_kind")) or "").upper()
    row: Row = {
        "name": name,
        "source": SOURCES.get(kind, "unknown"),
        "comment": first_text(flat, "explanation"),
    }
    put_score(row, number(flat.get("score")), text(flat.get("label")))
    return row
