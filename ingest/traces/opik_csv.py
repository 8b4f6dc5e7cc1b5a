"""The CSV of Opik's command line: a row a span, with the columns of its trace repeated.

Objects are spread over columns (`span_usage_prompt_tokens`), lists are printed as Python code. The
writer stops where a span has other columns than the first: what is missing then is a reject.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Literal

from ingest.fields.python_text import structured
from ingest.fields.rejects import misshapen
from ingest.fields.scalars import count, text
from ingest.formats import Read, Reject, Sample, Value
from ingest.traces.calls_once import calls_once
from ingest.traces.opik.runs import claim_of
from ingest.traces.opik.scores import feedback
from ingest.traces.opik.spans import span_rows

NAME = "opik.cli.csv"
HOLDS: Literal["whole", "part"] = "part"
RECORDS = "steps feedback"
BASIS: Literal["files", "documentation"] = "files"
OBTAIN = (
    "`opik export WORKSPACE project NAME traces --format csv`; prefer `--format json`, for the CSV"
    " ends at the first span that has other columns."
)

SPREAD = ("input", "output", "metadata", "usage", "error_info")
TRACE, SPAN = "trace_", "span_"
RUN_ID = "trace_id"


def accepts(sample: Sample) -> bool:
    """Whether the columns are those of a trace beside those of its spans."""
    has_spans = any(column.startswith(SPAN) for column in sample.columns)
    return has_spans and sample.has(RUN_ID, "trace_project_id", "trace_start_time")


def read(values: Iterator[Value]) -> Iterator[Read]:
    """Rows of each span, then its scores; a reject for each trace whose spans are not all there."""
    return calls_once(_read(values))


def _read(values: Iterator[Value]) -> Iterator[Read]:
    told, stated = Counter[str](), dict[str, int]()
    for row in values:
        trace, span = _part(row, TRACE), _part(row, SPAN)
        run_id = text(row.get(RUN_ID)) or ""
        stated.setdefault(run_id, count(trace.get("span_count")) or 0)
        try:
            yield from list(_records(trace, span, is_first=not told[run_id]))
            told[run_id] += 1
        except ValueError as error:
            yield misshapen(error, row)
    for run_id, spans in stated.items():
        if told[run_id] < spans:
            reason = CUT.format(run_id, told[run_id], spans)
            yield Reject("truncated", reason, f"trace {run_id}")


CUT = (
    "trace {}: {} of its {} spans are in the file, for Opik's writer stops at a span with other"
    " columns. Export with --format json."
)


def _records(trace: Value, span: Value, is_first: bool) -> Iterator[Read]:
    """The step of a row with what its trace says; a trace without spans is its only step."""
    claim = claim_of(trace)
    has_span = text(span.get("id")) is not None
    told = span if has_span else {**trace, "type": "general"}
    yield span_rows(told, claim["run_id"]) | {"run_claims": [claim]}
    scores = list(feedback(trace, "run", claim["run_id"])) if is_first else []
    if has_span:
        scores += feedback(span, "step", claim["run_id"])
    for row in scores:
        yield row if isinstance(row, Reject) else {"feedback": [row]}


def _part(row: Value, prefix: str) -> Value:
    """The fields of the trace or the span, with the objects their columns were spread from."""
    found: Value = {}
    for column, cell in row.items():
        if not column.startswith(prefix) or cell == "" or cell is None:
            continue
        name = column.removeprefix(prefix)
        whole = next((s for s in SPREAD if name.startswith(f"{s}_")), None)
        if whole is None:
            found[name] = structured(cell) if isinstance(cell, str) else cell
        elif isinstance(found.setdefault(whole, {}), dict):
            found[whole][name.removeprefix(f"{whole}_")] = cell
    return found
