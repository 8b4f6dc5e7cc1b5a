"""Evaluations sent to Datadog LLM Observability: bodies of its evaluation API.

An evaluation names its span by ids, or by a tag whose spans are not known here. The ids are made
as those of the spans are. Evaluations that an export lists on a span are read by `exported`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from ingest import hashes
from ingest.feedback.judgement import author_hash, judgement, source_of
from ingest.fields.datadog_ids import span_id, trace_id
from ingest.fields.moments import moment
from ingest.fields.objects import as_object
from ingest.fields.pages import excerpt
from ingest.fields.scalars import first_text, first_value, text
from ingest.formats import Ignored, Placed, Read, Reject, Sample, Value

NAME = "datadog.llmobs.evals"
HOLDS: Literal["whole", "part"] = "part"
RECORDS = "feedback"
BASIS: Literal["files", "documentation"] = "files"
OBTAIN = "Save the bodies an application sends to /api/intake/llm-obs/v2/eval-metric."

Row = dict[str, Any]

VALUES = ("score_value", "boolean_value", "categorical_value", "json_value", "value")
KINDS = {"feedback": "end_user", "evaluation": "evaluator"}


def accepts(sample: Sample) -> bool:
    """Whether any of the values is such a body."""
    return sample.container == "json" and any(map(_is_body, sample.values))


def _is_body(value: Value) -> bool:
    data = value.get("data")
    return isinstance(data, dict) and data.get("type") == "evaluation_metric"


def read(values: Iterator[Value]) -> Iterator[Read]:
    """One feedback row an evaluation."""
    for value in values:
        metrics = as_object(as_object(value.get("data")).get("attributes")).get("metrics")
        if not isinstance(metrics, list):
            yield Reject("shape", "it has no metrics.", excerpt=excerpt(value))
            continue
        if not metrics:
            yield Ignored("bodies without evaluations")
        for number, found in enumerate(metrics):
            place = f"data.attributes.metrics[{number}]"
            try:
                yield Placed({"feedback": [_row(found)]}, place)
            except ValueError as error:
                yield Reject("shape", str(error), place, excerpt(found))


def _row(metric: object) -> Row:
    if not isinstance(metric, dict):
        raise ValueError("an evaluation is not an object.")
    created = moment(first_value(metric, "timestamp_ms", "timestamp"))
    if created is None:
        raise ValueError("the evaluation has no timestamp_ms.")
    stated = KINDS.get(text(metric.get("event_kind")) or "", "unknown")
    return _said(metric, _target(metric), stated) | {"created_at": created}


def _target(metric: Value) -> Row:
    joined = as_object(metric.get("join_on"))
    span = as_object(joined.get("span")) or metric
    step_id, run_id = span_id(span.get("span_id")), trace_id(span.get("trace_id"))
    if step_id is not None and metric.get("eval_scope") != "trace":
        return {"target_kind": "step", "target_id": step_id, "run_id": run_id, "step_id": step_id}
    if run_id is not None:
        return {"target_kind": "run", "target_id": run_id, "run_id": run_id}
    tag = as_object(joined.get("tag"))
    if text(tag.get("key")) is not None:
        return {"target_kind": "other", "target_id": f"{tag['key']}:{tag.get('value')}"}
    raise ValueError("the evaluation names neither a span nor a tag.")


def _said(metric: Value, target: Row, stated: str) -> Row:
    name = text(metric.get("label"))
    if name is None:
        raise ValueError("the evaluation has no label.")
    value = first_value(metric, *VALUES)
    author = first_text(metric, "evaluated_by", "author")
    row = {**target, "source": source_of(name, stated), "author_hash": author_hash(author)}
    row["comment"] = first_text(metric, "reasoning", "explanation")
    row |= judgement(name, value)
    identity = [
        target["target_id"],
        name,
        metric.get("timestamp_ms"),
        row["label"],
        row.get("score"),
    ]
    return {"feedback_id": hashes.of_value(["datadog", *identity])} | row


def exported(listed: object, step: Row) -> Iterator[Row | Reject]:
    """Feedback rows of the evaluations an export lists on a span, by their names; those that
    failed say nothing."""
    for name, said in listed.items() if isinstance(listed, dict) else ():
        if not isinstance(said, dict) or (text(said.get("status")) or "OK").upper() != "OK":
            continue
        target = {"target_kind": "step", "target_id": step["step_id"], "run_id": step["run_id"]}
        row = _said({**said, "label": name}, target | {"step_id": step["step_id"]}, "evaluator")
        created = moment(first_value(said, "timestamp_ms", "timestamp"))
        row["created_at"] = created or step["ended_at"] or step["started_at"]
        if row["created_at"] is None:
            yield Reject("missing", "neither the evaluation nor its span has a time.", name)
        else:
            yield row
