"""OpenTelemetry metrics in OTLP: recognised, and ignored with the reason."""

from __future__ import annotations

from typing import Literal

from ingest.formats import Sample
from ingest.traces import otlp
from ingest.traces.opentelemetry import requests

NAME = "otlp.metrics"
HOLDS: Literal["whole", "part"] = "part"
RECORDS = otlp.RECORDS
BASIS: Literal["files", "documentation"] = "files"
OBTAIN = (
    "Nothing of metrics is loaded: they are sums over calls. Export spans (`otlp.traces`) or log"
    " records (`otlp.logs`) of the same application."
)
read = otlp.read


def accepts(sample: Sample) -> bool:
    """Whether the values are OTLP requests with metrics only."""
    others = (requests.holds(sample, "spans"), requests.holds(sample, "logs"))
    return requests.holds(sample, "metrics") and not any(others)
