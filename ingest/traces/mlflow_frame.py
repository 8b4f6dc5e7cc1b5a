"""The dataframe of `mlflow.search_traces()`, as Parquet, CSV or JSON lines.

The column `trace` holds the whole trace as JSON; where it is missing, or printed as a Python object
as MLflow 2 did, the other columns say the same. Cells of a CSV are JSON or Python code.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from ingest.fields.objects import as_object, from_json
from ingest.fields.pages import each
from ingest.fields.python_text import structured
from ingest.formats import Read, Sample, Value
from ingest.traces.mlflow_run.run import DURATIONS, METADATA, run

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
    return each(values, _run)


def _run(row: Value, place: str) -> Iterator[Read]:
    trace = as_object(from_json(row.get("trace")))
    if isinstance(info := trace.get("info"), dict):
        yield from run(info, as_object(from_json(trace.get("data"))).get("spans"), place)
    else:
        columns = row | {name: _cell(row[name]) for name in CELLS if name in row}
        yield from run(columns, columns.get("spans"), place)


def _cell(value: Any) -> Any:
    return structured(value) if isinstance(value, str) else value
