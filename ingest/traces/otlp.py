"""OpenTelemetry spans in OTLP, as JSON or protobuf, in any mix of dialects; each is one record.

The dialect is decided span by span from its attributes: Langfuse, OpenInference, Traceloop, GenAI,
MLflow, a coding agent's own, or none. Log records and metrics may stand in the same file.
`pilot.py` lists the product's own attributes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from ingest.formats import Read, Sample, Value
from ingest.traces.opentelemetry import requests
from ingest.traces.opentelemetry.nesting import Nesting

NAME = "otlp.traces"
HOLDS: Literal["whole", "part"] = "part"
RECORDS = "steps feedback approvals"
BASIS: Literal["files", "documentation"] = "files"
OBTAIN = (
    "Set the OpenTelemetry Collector's file exporter to `format: json` or `format: proto`, use an"
    " SDK's OTLP JSON file exporter, save the bodies sent to /v1/traces, or save a trace from the"
    " API of Tempo."
)


def accepts(sample: Sample) -> bool:
    """Whether any of the values is an OTLP request with spans."""
    return requests.holds(sample, "spans")


def read(values: Iterator[Value]) -> Iterator[Read]:
    """Rows of each span and log record, with its place; metrics are ignored."""
    nesting = Nesting()
    for value in values:
        found = list(requests.records(value))
        nesting.settle(found)
        yield from found
