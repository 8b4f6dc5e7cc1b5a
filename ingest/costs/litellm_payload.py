"""LiteLLM standard logging payloads, one JSON a request: its S3, GCS and custom loggers.

The same request as a row of the spend logs, under the same id. Times are seconds since 1970 with a
fraction; the cost is the gateway's own estimate, as there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from ingest.costs import lines, litellm
from ingest.formats import Read, Sample, Value

NAME = "litellm.slp"
HOLDS: Literal["whole", "part"] = "part"
RECORDS = "costs"
BASIS: Literal["files", "documentation"] = "files"
OBTAIN = "Set a LiteLLM callback that logs to S3 or GCS (s3_v2, gcs_bucket); take the JSON files."

ROW = ("id", "call_type", "response_cost", "startTime", "endTime", "total_tokens")
MARKS = frozenset({"hidden_params", "model_map_information", "status_fields", "cost_breakdown"})


def accepts(sample: Sample) -> bool:
    """What every payload has, and one of the records only a payload nests."""
    marked = bool(MARKS & sample.columns)
    return sample.has(*ROW) and marked and "request_id" not in sample.columns


def read(values: Iterator[Value]) -> Iterator[Read]:
    """One cost line per request."""
    for value in values:
        yield litellm.record(value | _as_row(value), "")


def _as_row(value: Value) -> dict[str, Any]:
    """The columns that a spend row calls something else."""
    found = value.get("metadata")
    metadata = found if isinstance(found, dict) else {}
    return {
        "request_id": value.get("id"),
        "spend": value.get("response_cost"),
        "startTime": lines.micros(value.get("startTime")),
        "endTime": lines.micros(value.get("endTime")),
        "api_key": metadata.get("user_api_key_hash"),
        "team_id": metadata.get("user_api_key_team_id"),
        "session_id": value.get("session_id") or value.get("trace_id"),
    }
