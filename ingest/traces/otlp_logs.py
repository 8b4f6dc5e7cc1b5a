"""OpenTelemetry log records in OTLP, as JSON or protobuf: events of agents and of their judges.

Read are the model calls, tool calls and decisions of Claude Code and Codex, the details of GenAI
model calls and the results of evaluations; other records are ignored with the reason.
"""

from __future__ import annotations

from typing import Literal

from ingest.formats import Sample
from ingest.traces import otlp
from ingest.traces.opentelemetry import requests

NAME = "otlp.logs"
HOLDS: Literal["whole", "part"] = "part"
RECORDS = otlp.RECORDS
BASIS: Literal["files", "documentation"] = "files"
OBTAIN = (
    "Set the OpenTelemetry Collector's file exporter in a logs pipeline, use an SDK's OTLP JSON"
    " file exporter for logs, or save the bodies sent to /v1/logs (Claude Code:"
    " `OTEL_LOGS_EXPORTER=otlp`; Codex: `[otel]` in config.toml)."
)
read = otlp.read


def accepts(sample: Sample) -> bool:
    """Whether the values are OTLP requests with log records and none with spans."""
    return requests.holds(sample, "logs") and not requests.holds(sample, "spans")
