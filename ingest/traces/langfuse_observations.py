"""Lists of Langfuse observations: blob storage export, public API, the interface's export, SDKs.

A format each export. The interface's has a column a score beside those of the observation. Windows
of the blob storage export overlap: of an observation met twice the newest `updated_at` counts.
"""

from __future__ import annotations

from collections.abc import Iterator

from ingest.fields.pages import Pages
from ingest.formats import Placed, Read, Sample, Value
from ingest.traces.calls_once import calls_once
from ingest.traces.langfuse.judged import column_scores
from ingest.traces.langfuse.nesting import Nesting
from ingest.traces.langfuse.observation import observation_rows
from ingest.traces.langfuse.records import plain

RECORDS = "steps feedback"
BLOB = ("id", "trace_id", "parent_observation_id", "start_time", "type")
V2_ONLY = ("is_root_observation", "trace_name", "user_id")
API = ("id", "traceId", "startTime", "type")
API_ANY = ("parentObservationId", "usageDetails", "completionStartTime", "statusMessage")
UI_ONLY = ("traceTags", "traceTimestamp")
ENVELOPES = ("data", "observations")


def _any(sample: Sample, names: tuple[str, ...]) -> bool:
    return not sample.columns.isdisjoint(names)


def _is_blob(sample: Sample) -> bool:
    return sample.has(*BLOB) and not _any(sample, V2_ONLY)


def _is_blob_v2(sample: Sample) -> bool:
    return sample.has(*BLOB) and _any(sample, V2_ONLY)


def _is_api(sample: Sample) -> bool:
    return sample.has(*API) and _any(sample, API_ANY) and not _is_ui(sample)


def _is_ui(sample: Sample) -> bool:
    return sample.has(*API) and _any(sample, API_ANY) and _any(sample, UI_ONLY)


def _step(value: Value, place: str) -> Iterator[Read]:
    yield Placed(observation_rows(plain(value)), place)


def _step_and_scores(value: Value, place: str) -> Iterator[Read]:
    rows = observation_rows(plain(value))
    yield Placed(rows, place)
    (step,) = rows["steps"]
    judged = {"traceId": step["run_id"], "observationId": step["step_id"]}
    yield from column_scores(value, judged, step["ended_at"] or step["started_at"])


def _settled(found: Iterator[Read]) -> Iterator[Read]:
    return calls_once(found, Nesting)


class Observations(Pages):
    """The format of one export of observations."""

    def accepts(self, sample: Sample) -> bool:
        """Whether the values, or those of the page they are in, are such observations."""
        if sample.container == "yaml" or "trace" in sample.columns:
            return False
        pages = [sample] if sample.has("id") else [sample.under(key) for key in self.keys]
        return any(map(self.fits, pages))


FORMATS = (
    Observations(
        "langfuse.blob.observations",
        RECORDS,
        "Langfuse: Settings, Integrations, Blob Storage; load the folder `observations` it fills.",
        _is_blob,
        _step,
        "files",
        ENVELOPES,
        _settled,
    ),
    Observations(
        "langfuse.blob.observations_v2",
        RECORDS,
        "Langfuse: Settings, Integrations, Blob Storage; load the folder `observations_v2` it"
        " fills; or write `model_dump()` of the SDK's observations as JSON.",
        _is_blob_v2,
        _step,
        "files",
        ENVELOPES,
        _settled,
    ),
    Observations(
        "langfuse.api.observations",
        RECORDS,
        "Save the pages of GET /api/public/v2/observations?fields=core,basic,time,io,metadata,model"
        ",usage,prompt,metrics,trace_context (/api/public/observations of older servers too).",
        _is_api,
        _step,
        "documentation",
        ENVELOPES,
        _settled,
    ),
    Observations(
        "langfuse.ui.observations",
        RECORDS,
        "Langfuse: Observations, Export (CSV, JSON or JSON lines).",
        _is_ui,
        _step_and_scores,
        "documentation",
        ENVELOPES,
        _settled,
    ),
)
