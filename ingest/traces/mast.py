"""MAST: logs of multi-agent systems, each with the failure modes found in it.

A large set was labelled by a model (`mast_annotation`: a code to 0 or 1), a small one by people
(`annotations`: a failure mode with what each annotator says). The log is plain text and one step.
Codes and names are kept as found: they were renumbered between versions of the taxonomy. A mode
that was found is no verdict on the run.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from ingest.fields.objects import member
from ingest.fields.pages import each
from ingest.fields.scalars import flag, text
from ingest.formats import Read, Rows, Sample, Value
from ingest.hashes import of_value, sha256
from ingest.traces.transcript.steps import Transcript, facts, records

NAME = "mast.annotations"
HOLDS: Literal["whole", "part"] = "whole"
RECORDS = "run_claims"
BASIS: Literal["files", "documentation"] = "documentation"
OBTAIN = "MAST: the JSON files of its dataset (MAD), labelled by a model or by people."

Row = dict[str, Any]

SYSTEM = ("mas_name", "llm_name", "benchmark_name", "round")


def accepts(sample: Sample) -> bool:
    """Whether the values are logs of a named multi-agent system with labels."""
    labelled = sample.has("mast_annotation") or sample.has("annotations")
    return sample.container == "json" and labelled and sample.has("mas_name", "trace_id", "trace")


def read(values: Iterator[Value]) -> Iterator[Read]:
    """One run with its log and a feedback row a failure mode found; a wrong shape is a reject."""
    return each(values, lambda log, _: [_rows(log)])


def _rows(value: Value) -> Rows:
    trace = member(value, "trace")
    log = text(trace.get("trajectory")) or text(value.get("trace"))
    system = {name: text(value.get(name)) for name in SYSTEM}
    transcript = Transcript(of_value(["mast", system, text(value.get("trace_id")), log]))
    name = system["mas_name"] or "unknown"
    transcript.add("0", {"kind": "chain", "name": name}, output=log)
    claim = {
        "domain": system["benchmark_name"],
        "version": name,
        "task_key": text(trace.get("key")),
        "status": "unknown",
        "time_source": "load",
        "architecture": "multi",
        "attributes": facts("mast", value, *SYSTEM),
    }
    found = [*_by_model(value), *_by_people(value)]
    labels = [_label(transcript.run_id, *label) for label in found]
    return transcript.record(claim, feedback=labels)


def _by_model(value: Value) -> Iterator[tuple[str, str | None]]:
    """The codes of the failure modes that a model found."""
    for code, stated in member(value, "mast_annotation").items():
        if _is_found(stated):
            yield code, None


def _by_people(value: Value) -> Iterator[tuple[str, str | None]]:
    """The failure modes that people found, with the annotator."""
    for annotation in records(value, "annotations"):
        mode = (text(annotation.get("failure mode")) or "unknown").partition("\n")[0].strip()
        for who, stated in annotation.items():
            if who.startswith("annotator") and _is_found(stated):
                yield mode, who


def _is_found(stated: object) -> bool:
    return flag(stated) is True or text(stated) == "1"


def _label(run_id: str, mode: str, annotator: str | None) -> Row:
    return {
        "feedback_id": of_value(["mast", run_id, mode, annotator]),
        "target_kind": "run",
        "target_id": run_id,
        "run_id": run_id,
        "source": "reviewer" if annotator else "evaluator",
        "author_hash": sha256(annotator.encode()) if annotator else None,
        "name": "failure_mode",
        "label": mode,
        "category": mode,
    }
