"""Lists of Langfuse traces without their observations: they say what a run was, and have no steps.

A format each export. The interface's has a column a score beside those of the trace.
"""

from __future__ import annotations

from collections.abc import Iterator

from ingest.fields.names import snake
from ingest.fields.pages import Pages
from ingest.formats import Placed, Read, Sample, Value
from ingest.traces import langfuse_trace
from ingest.traces.langfuse.judged import column_scores
from ingest.traces.langfuse.records import plain
from ingest.traces.langfuse.run import trace_claim

RECORDS = "run_claims feedback"
UI = ("id", "timestamp", "sessionId", "userId", "tags", "bookmarked")
BLOB = ("id", "timestamp", "project_id", "session_id", "user_id", "bookmarked", "tags")
BELOW_TRACE = frozenset({"trace_id", "parent_observation_id"})


def _is_api(sample: Sample) -> bool:
    return sample.has("id", "timestamp") and "html_path" in map(snake, sample.columns)


def _is_ui(sample: Sample) -> bool:
    return sample.has(*UI) and not _is_api(sample)


def _is_blob(sample: Sample) -> bool:
    return sample.has(*BLOB) and not _is_api(sample)


def _claim(value: Value, place: str) -> Iterator[Read]:
    yield Placed({"run_claims": [trace_claim(plain(value))]}, place)


def _claim_and_scores(value: Value, place: str) -> Iterator[Read]:
    claim = trace_claim(plain(value))
    yield Placed({"run_claims": [claim]}, place)
    yield from column_scores(value, {"traceId": claim["run_id"]}, claim.get("started_at"))


class Traces(Pages):
    """The format of one export of traces."""

    def accepts(self, sample: Sample) -> bool:
        """Whether the values, or those of the page they are in, are such traces."""
        if sample.container == "yaml" or langfuse_trace.accepts(sample):
            return False
        page = sample if sample.has("id") else sample.under("data")
        return self.fits(page) and BELOW_TRACE.isdisjoint(map(snake, page.columns))


FORMATS = (
    Traces(
        "langfuse.blob.traces",
        RECORDS,
        "Langfuse: Settings, Integrations, Blob Storage; load the folder `traces` it fills, with"
        " the one of the observations.",
        _is_blob,
        _claim,
    ),
    Traces(
        "langfuse.api.traces",
        RECORDS,
        "Save the pages of GET /api/public/traces, with those of the observations.",
        _is_api,
        _claim,
        "documentation",
    ),
    Traces(
        "langfuse.ui.traces",
        RECORDS,
        "Langfuse: Traces, Export (CSV, JSON or JSON lines); export the observations too.",
        _is_ui,
        _claim_and_scores,
        "documentation",
    ),
)
