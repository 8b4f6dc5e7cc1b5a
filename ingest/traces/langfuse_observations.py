"""Lists of Langfuse observations: blob storage export, public API, the interface's export, SDKs.

A format each export. The interface's has a column a score beside those of the observation. Windows
of the blob storage export overlap: of an observation met twice the newest `updated_at` counts.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from ingest.formats import Ignored, Placed, Read, Reject, Rows, Sample, Value
from ingest.traces.langfuse.judged import column_scores
from ingest.traces.langfuse.nesting import Nesting
from ingest.traces.langfuse.observation import observation_rows
from ingest.traces.langfuse.records import listed, plain, reject

PART: Literal["whole", "part"] = "part"
Basis = Literal["files", "documentation"]

BLOB = ("id", "trace_id", "parent_observation_id", "start_time", "type")
V2_ONLY = ("is_root_observation", "trace_name", "user_id")
API = ("id", "traceId", "startTime", "type")
API_ANY = ("parentObservationId", "usageDetails", "completionStartTime", "statusMessage")
UI_ONLY = ("traceTags", "traceTimestamp")
ENVELOPES = ("data", "observations")
AHEAD, RUNS = 500, 2_000


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


@dataclass
class Observations:
    """The format of one export of observations; `scored` says whether it has columns of scores."""

    NAME: str
    OBTAIN: str
    fits: Callable[[Sample], bool]
    BASIS: Basis = "documentation"
    scored: bool = False

    HOLDS = PART
    RECORDS = "steps feedback"

    def accepts(self, sample: Sample) -> bool:
        """Whether the values, or those of the page they are in, are such observations."""
        if sample.container == "yaml":
            return False
        pages = [sample] if sample.has("id") else [sample.under(name) for name in ENVELOPES]
        return "trace" not in sample.columns and any(map(self.fits, pages))

    def read(self, values: Iterator[Value]) -> Iterator[Read]:
        """Rows of each observation and of each score beside it."""
        window = _Window()
        for value in values:
            for place, found in listed(value, *ENVELOPES):
                yield from self._record(found, place, window)
        yield from window.rest()

    def _record(
        self, found: Value | Reject | Ignored, place: str, window: _Window
    ) -> Iterator[Read]:
        if not isinstance(found, dict):
            yield found
            return
        try:
            rows = observation_rows(plain(found))
            scores = list(self._scores(found, rows["steps"][0]))
        except ValueError as error:
            yield reject(error, found, place)
            return
        yield from window.take(Placed(rows, place))
        yield from scores

    def _scores(self, value: Value, step: dict[str, Any]) -> Iterator[Read]:
        if self.scored:
            judged = {"traceId": step["run_id"], "observationId": step["step_id"]}
            yield from column_scores(value, judged)


class _Window:
    """Holds records back for a while, so that a call inside of one is seen in either order."""

    def __init__(self) -> None:
        self._held: deque[Placed] = deque()
        self._runs: OrderedDict[str, Nesting] = OrderedDict()

    def take(self, record: Placed) -> Iterator[Rows]:
        """The record that has been held long enough, if one has."""
        step = record["steps"][0]
        nesting = self._runs.setdefault(step["run_id"], Nesting())
        self._runs.move_to_end(step["run_id"])
        if len(self._runs) > RUNS:
            self._runs.popitem(last=False)
        nesting.add(step)
        self._held.append(record)
        if len(self._held) > AHEAD:
            yield self._settled()

    def rest(self) -> Iterator[Rows]:
        """Every record still held."""
        while self._held:
            yield self._settled()

    def _settled(self) -> Placed:
        record = self._held.popleft()
        step = record["steps"][0]
        if nesting := self._runs.get(step["run_id"]):
            nesting.settle(step)
        return record


FORMATS = (
    Observations(
        "langfuse.blob.observations",
        "Langfuse: Settings, Integrations, Blob Storage; load the folder `observations` it fills.",
        _is_blob,
        "files",
    ),
    Observations(
        "langfuse.blob.observations_v2",
        "Langfuse: Settings, Integrations, Blob Storage; load the folder `observations_v2` it"
        " fills; or write `model_dump()` of the SDK's observations as JSON.",
        _is_blob_v2,
        "files",
    ),
    Observations(
        "langfuse.api.observations",
        "Save the pages of GET /api/public/v2/observations?fields=core,basic,time,io,metadata,model"
        ",usage,prompt,metrics,trace_context (/api/public/observations of older servers too).",
        _is_api,
    ),
    Observations(
        "langfuse.ui.observations",
        "Langfuse: Observations, Export (CSV, JSON or JSON lines).",
        _is_ui,
        scored=True,
    ),
)
