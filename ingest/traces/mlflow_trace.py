"""Traces of MLflow as JSON: `trace.to_json()`, lists of them, and what its command line prints.

A trace has its `info` and its `data`, in MLflow 2 the latter sometimes as JSON text. The REST API
calls them `trace_info` and `spans`; the artifact `traces.json` has the data only.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from ingest.fields.objects import from_json, member, objects
from ingest.fields.pages import each
from ingest.formats import Read, Sample, Value
from ingest.traces.mlflow_run.run import METADATA, run

NAME = "mlflow.trace"
HOLDS: Literal["whole", "part"] = "whole"
RECORDS = "run_claims"
BASIS: Literal["files", "documentation"] = "files"
OBTAIN = (
    "`mlflow traces search --experiment-id … --output json`, `mlflow traces get --trace-id …`, or"
    " `trace.to_json()` of each of `mlflow.search_traces(return_type='list')`."
)

INFO = ("trace_location", *METADATA)
LISTED = "traces"


def accepts(sample: Sample) -> bool:
    """Whether any of the values is a trace, or holds some."""
    return sample.container == "json" and any(map(_holds, sample.values))


def _holds(value: Value) -> bool:
    """Whether it holds a trace; a row of the dataframe has what is in the info beside the trace."""
    listed = objects(value[LISTED]) if isinstance(value.get(LISTED), list) else [value]
    return value.keys().isdisjoint(METADATA) and any(
        _parts(member(found, "trace") or found) is not None for found in listed
    )


def _parts(value: Value) -> tuple[Value, object] | None:
    """The info and the spans of a trace, null where it is none."""
    info, data = value.get("info", value.get("trace_info")), from_json(value.get("data"))
    if isinstance(info, dict) and not info.keys().isdisjoint(INFO):
        return info, data.get("spans") if isinstance(data, dict) else value.get("spans")
    return _of_spans(value)


def _of_spans(value: Value) -> tuple[Value, object] | None:
    """The spans of an artifact, with what they say of their trace."""
    first = next(iter(objects(value.get("spans"))), {})
    told = member(first, "attributes").get("mlflow.traceRequestId")
    return None if told is None else ({"trace_id": from_json(told)}, value["spans"])


def read(values: Iterator[Value]) -> Iterator[Read]:
    """One run a trace; what is wrong with a part of it is a reject of its own."""
    return each(values, _run, LISTED)


def _run(value: Value, place: str) -> Iterator[Read]:
    trace = member(value, "trace")
    parts = _parts(trace or value)
    if parts is None:
        raise ValueError("it is no trace of MLflow.")
    yield from run(*parts, f"{place}.trace".removeprefix(".") if trace else place)
