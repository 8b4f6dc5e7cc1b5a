"""Traces of MLflow as JSON: `trace.to_json()`, lists of them, and what its command line prints.

A trace has its `info` and its `data`, in MLflow 2 the latter sometimes as JSON text. The REST API
calls them `trace_info` and `spans`; the artifact `traces.json` has the data only.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from ingest.fields.pages import excerpt
from ingest.formats import Ignored, Read, Reject, Sample, Value
from ingest.traces.mlflow_run.run import METADATA, run
from ingest.traces.mlflow_run.spans import decoded

NAME = "mlflow.trace"
HOLDS: Literal["whole", "part"] = "whole"
RECORDS = "run_claims"
BASIS: Literal["files", "documentation"] = "files"
OBTAIN = (
    "`mlflow traces search --experiment-id … --output json`, `mlflow traces get --trace-id …`, or"
    " `trace.to_json()` of each of `mlflow.search_traces(return_type='list')`."
)

INFO = ("trace_location", *METADATA)


def accepts(sample: Sample) -> bool:
    """Whether any of the values is a trace, or holds some."""
    return sample.container == "json" and any(map(_holds, sample.values))


def _holds(value: Value) -> bool:
    """Whether it holds a trace; a row of the dataframe has what is in the info beside the trace."""
    return value.keys().isdisjoint(METADATA) and any(
        isinstance(v, dict) and _parts(v) is not None for _, v in _traces(value)
    )


def _traces(value: Value) -> Iterator[tuple[str, object]]:
    listed = value.get("traces")
    if not isinstance(listed, list):
        yield ("trace", value["trace"]) if isinstance(value.get("trace"), dict) else ("", value)
        return
    for number, found in enumerate(listed):
        yield f"traces[{number}]", found


def _parts(value: Value) -> tuple[Value, object] | None:
    """The info and the spans of a trace, null where it is none."""
    info, data = value.get("info", value.get("trace_info")), decoded(value.get("data"))
    if isinstance(info, dict) and not info.keys().isdisjoint(INFO):
        return info, data.get("spans") if isinstance(data, dict) else value.get("spans")
    return _of_spans(value)


def _of_spans(value: Value) -> tuple[Value, object] | None:
    """The spans of an artifact, with what they say of their trace."""
    spans = value.get("spans")
    first = spans[0] if isinstance(spans, list) and spans else None
    attributes = first.get("attributes") if isinstance(first, dict) else None
    told = attributes.get("mlflow.traceRequestId") if isinstance(attributes, dict) else None
    return None if told is None else ({"trace_id": decoded(told)}, spans)


def read(values: Iterator[Value]) -> Iterator[Read]:
    """One run a trace; what is wrong with a part of it is a reject of its own."""
    for value in values:
        if value.get("traces") == []:
            yield Ignored("empty page")
        for place, found in _traces(value):
            parts = _parts(found) if isinstance(found, dict) else None
            if parts is None:
                yield Reject("shape", "it is no trace of MLflow.", place, excerpt(found))
            else:
                yield from run(*parts, place)
