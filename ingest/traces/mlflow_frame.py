"""The dataframe of `mlflow.search_traces()`, as Parquet, CSV or JSON lines.

The column `trace` holds the whole trace as JSON; where it is missing, or printed as a Python object
as MLflow 2 did, the other columns say the same. Cells of a CSV are JSON or Python code.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from ingest.fields.python_text import structured
from ingest.formats import Read, Sample, Value
from ingest.traces.mlflow_run.run import DURATIONS, METADATA, run
from ingest.traces.mlflow_run.spans import decoded

NAME = "mlflow.df"
HOLDS: Literal["whole", "part"] = "whole"
RECORDS = "run_claims"
BASIS: Literal["files", "documentation"] = "files"
OBTAIN = (
    "`mlflow.search_traces(…)`, then `.to_parquet(…)`, `.to_json(…, orient='records', lines=True)`"
    " or `.to_csv(…)`."
)

CELLS = ("spans", "assessments", "tags", *METADATA)


def accepts(sample: Sample) -> bool:
    """Whether the columns are those of the dataframe, of MLflow 2 or 3."""
    return (
        not sample.columns.isdisjoint(METADATA)
        and not sample.columns.isdisjoint(DURATIONS)
        and not sample.columns.isdisjoint(("trace_id", "request_id"))
        and not sample.columns.isdisjoint(("spans", "trace"))
    )


def read(values: Iterator[Value]) -> Iterator[Read]:
    """One run a row; what is wrong with a part of it is a reject of its own."""
    for row in values:
        trace = decoded(row.get("trace"))
        if isinstance(trace, dict) and isinstance(info := trace.get("info"), dict):
            data = decoded(trace.get("data"))
            yield from run(info, data.get("spans") if isinstance(data, dict) else None, "")
        else:
            columns = row | {name: _cell(row[name]) for name in CELLS if name in row}
            yield from run(columns, columns.get("spans"), "")


def _cell(value: Any) -> Any:
    return structured(value) if isinstance(value, str) else value
