"""Lists of Langfuse traces without their observations: they say what a run was, and have no steps.

A format each export. The interface's has a column a score beside those of the trace.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from ingest.fields.names import snake
from ingest.formats import Placed, Read, Sample, Value
from ingest.traces import langfuse_trace
from ingest.traces.langfuse.judged import column_scores
from ingest.traces.langfuse.records import listed, plain, reject
from ingest.traces.langfuse.run import trace_claim

PART: Literal["whole", "part"] = "part"
Basis = Literal["files", "documentation"]

UI = ("id", "timestamp", "sessionId", "userId", "tags", "bookmarked")
BLOB = ("id", "timestamp", "project_id", "session_id", "user_id", "bookmarked", "tags")
BELOW_TRACE = frozenset({"trace_id", "parent_observation_id"})


def _is_api(sample: Sample) -> bool:
    return sample.has("id", "timestamp") and "html_path" in map(snake, sample.columns)


def _is_ui(sample: Sample) -> bool:
    return sample.has(*UI) and not _is_api(sample)


def _is_blob(sample: Sample) -> bool:
    return sample.has(*BLOB) and not _is_api(sample)


@dataclass
class Traces:
    """The format of one export of traces; `scored` says whether it has columns of scores."""

    NAME: str
    OBTAIN: str
    fits: Callable[[Sample], bool]
    BASIS: Basis = "documentation"
    scored: bool = False

    HOLDS = PART
    RECORDS = "run_claims feedback"

    def accepts(self, sample: Sample) -> bool:
        """Whether the values, or those of the page they are in, are such traces."""
        if sample.container == "yaml" or langfuse_trace.accepts(sample):
            return False
        page = sample if sample.has("id") else sample.under("data")
        return self.fits(page) and BELOW_TRACE.isdisjoint(map(snake, page.columns))

    def read(self, values: Iterator[Value]) -> Iterator[Read]:
        """The claim of each trace and the rows of each score beside it."""
        for value in values:
            for place, found in listed(value, "data"):
                if not isinstance(found, dict):
                    yield found
                    continue
                try:
                    claim = trace_claim(plain(found))
                    judged = {"traceId": claim["run_id"]}
                    scores = list(column_scores(found, judged)) if self.scored else []
                except ValueError as error:
                    yield reject(error, found, place)
                    continue
                yield Placed({"run_claims": [claim]}, place)
                yield from scores


FORMATS = (
    Traces(
        "langfuse.blob.traces",
        "Langfuse: Settings, Integrations, Blob Storage; load the folder `traces` it fills, with"
        " the one of the observations.",
        _is_blob,
        "files",
    ),
    Traces(
        "langfuse.api.traces",
        "Save the pages of GET /api/public/traces, with those of the observations.",
        _is_api,
    ),
    Traces(
        "langfuse.ui.traces",
        "Langfuse: Traces, Export (CSV, JSON or JSON lines); export the observations too.",
        _is_ui,
        scored=True,
    ),
)
