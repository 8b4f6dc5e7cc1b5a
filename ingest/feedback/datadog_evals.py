"""Evaluations sent to Datadog LLM Observability: bodies of its evaluation API.

An evaluation names its span by ids, or by a tag whose spans are not known here. The ids are made
as those of the spans are. Evaluations that an export lists on a span are read by `exported`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from ingest import hashes
from ingest.feedback.judgement import judgement, source_of
from ingest.fields.datadog_ids import span_id, trace_id
from ingest.fields.moments import first_moment
from ingest.fields.objects import as_object, member
from ingest.fields.pages import listed, unpacked
from ingest.fields.people import person_hash
from ingest.fields.rejects import misshapen
from ingest.fields.scalars import first_text, first_value, text
from ingest.formats import Ignored, Placed, Read, Reject, Sample, Value

NAME = "datadog.llmobs.evals"
HOLDS: Literal["whole", "part"] = "part"
RECORDS = "feedback"
BASIS: Literal["files", "documentation"] = "files"
OBTAIN = "Save the bodies an application sends to /api/intake/llm-obs/v2/eval-metric."

Row = dict[str, Any]

VALUES = ("score_value", "boolean_value", "categorical_value", "json_value", "value")
TIMES = ("timestamp_ms", "timestamp")
KINDS = {"feedback": "end_user", "evaluation": "evaluator"}


def accepts(sample: Sample) -> bool:
    """Whether any of the values is such a body."""
    return sample.container == "json" and any(map(_is_body, sample.values))


def _is_body(value: Value) -> bool:
    return member(value, "data").get("type") == "evaluation_metric"


def read(values: Iterator[Value]) -> Iterator[Read]:
    """One feedback row an evaluation."""
    for value in values:
        metrics = member(member(value, "data"), "attributes").get("metrics")
        if metrics == []:
            yield Ignored("bodies without evaluations")
        elif isinstance(metrics, list):
            yield from unpacked(listed(metrics, "data.attributes.metrics"), _records)
        else:
            yield misshapen("it has no metrics.", value)


def _records(metric: Value, place: str) -> Iterator[Read]:
    created = first_moment(metric, *TIMES)
    if created is None:
        raise ValueError("the evaluation has no timestamp_ms.")
    stated = KINDS.get(text(metric.get("event_kind")) or "", "unknown")
    row = _said(metric, _target(metric), stated) | {"created_at": created}
    yield Placed({"feedback": [row]}, place)


def _target(metric: Value) -> Row:
    joined = member(metric, "join_on")
    span = member(joined, "span") or metric
    step_id, run_id = span_id(span.get("span_id")), trace_id(span.get("trace_id"))
    if step_id is not None and metric.get("eval_scope") != "trace":
        return {"target_kind": "step", "target_id": step_id, "run_id": run_id, "step_id": step_id}
    if run_id is not None:
        return {"target_kind": "run", "target_id": run_id, "run_id": run_id}
    tag = member(joined, "tag")
    if text(tag.get("key")) is not None:
        return {"target_kind": "other", "target_id": f"{tag['key']}:{tag.get('value')}"}
    raise ValueError("the evaluation names neither a span nor a tag.")


def _said(metric: Value, target: Row, stated: str) -> Row:
    name = text(metric.get("label"))
    if name is None:
        raise ValueError("the evaluation has no label.")
    value = first_value(metric, *VALUES)
    author = first_text(metric, "evaluated_by", "author")
    row = {**target, "source": source_of(name, stated), "author_hash": person_hash(author)}
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


def exported(found: object, step: Row) -> Iterator[Row | Reject]:
    """Feedback rows of the evaluations an export lists on a span, by their names; those that
    failed say nothing."""
    for name, said in as_object(found).items():
        if not isinstance(said, dict) or (text(said.get("status")) or "OK").upper() != "OK":
            continue
        try:
            yield _exported(name, said, step)
        except ValueError as error:
            yield misshapen(error, said, f"evaluation.{name}")


def _exported(name: str, said: Value, step: Row) -> Row:
    created = first_moment(said, *TIMES) or step["ended_at"] or step["started_at"]
    if created is None:
        raise ValueError("neither the evaluation nor its span has a time.")
    step_id = step["step_id"]
    target = {"target_kind": "step", "target_id": step_id, "run_id": step["run_id"]}
    row = _said({**said, "label": name}, target | {"step_id": step_id}, "evaluator")
    return row | {"created_at": created}
