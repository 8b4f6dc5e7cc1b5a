"""A load from paths to a published generation."""

from __future__ import annotations

import hashlib
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from ingest import raw
from ingest.conform import Origin
from ingest.errors import IngestError
from ingest.files import Found, Skipped, walk
from ingest.load import Loaded
from ingest.sandbox import Job, Outcome, read_all
from ingest.store.generations import Store
from ingest.store.merge import merge
from ingest.store.summary import Summary, summarise
from ingest.store.writing import Evaluate, Writing

ROWS_AT_ONCE = 120_000
FILES_AT_ONCE = 200
LAST_NAME = "\U0010ffff"

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Options:
    """What the command line says of a load."""

    only: str | None = None
    workflow: str | None = None
    stage: str | None = None
    zone: tzinfo = UTC
    strict: bool = False
    keep_raw: bool = True


@dataclass
class Report:
    """What became of every file of a load, for the closing table and the exit code."""

    loaded: list[Loaded] = field(default_factory=list)
    again: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    generation: int | None = None
    as_of: datetime | None = None
    summary: Summary | None = None

    @property
    def rejected(self) -> int:
        """Records that could not be loaded, in files that could."""
        return sum(x.rejected for x in self.loaded)

    @property
    def is_clean(self) -> bool:
        """Whether nothing was refused or rejected."""
        return not self.refused and not self.rejected

    def ignored(self) -> Counter[str]:
        """Records left out on purpose, by reason."""
        return sum((Counter(x.ignored) for x in self.loaded), Counter[str]())

    def rejected_by(self) -> dict[str, int]:
        """Records that could not be loaded, by the code of the reason, most first."""
        return dict(Counter(r["reason_code"] for x in self.loaded for r in x.rejects).most_common())


def ingest(
    paths: list[Path],
    store: Store,
    options: Options,
    evaluate: Evaluate,
    progress: Progress,
    say: Callable[[str], None],
) -> Report:
    """Load files and folders into a new generation of the store and publish it.

    Nothing is published when nothing is new. Raises IngestError for a path that does not exist,
    and with `strict` at the first refused file or rejected record.
    """
    found, skipped = walk(paths)
    report = Report(skipped=skipped)
    with store.locked(say), Writing(store) as writing:
        load = _Load(store, options, writing, report)
        for number, outcome in enumerate(read_all(load.jobs(found)), 1):
            progress(outcome.job.found.name, number, len(found))
            load.settle(outcome)
        load.flush()
        if writing.is_open:
            progress("deriving runs, totals and checks", len(found), len(found))
            report.as_of = writing.finish(evaluate)
            report.generation = writing.number
            report.summary = summarise(writing.open())
    return report


def preview(paths: list[Path], options: Options, progress: Progress) -> Report:
    """Read everything and change nothing: what a load would find."""
    found, skipped = walk(paths)
    report = Report(skipped=skipped)
    with tempfile.TemporaryDirectory() as scratch:
        load = _Load(Store(Path(scratch)), replace(options, keep_raw=False), None, report)
        for number, outcome in enumerate(read_all(load.jobs(found)), 1):
            progress(outcome.job.found.name, number, len(found))
            report.loaded += [outcome.loaded] if outcome.loaded else []
            report.refused += [outcome.error] if outcome.error else []
    return report


class _Load:
    """One load under way: what is known of the sources, and the files waiting to be merged."""

    def __init__(
        self, store: Store, options: Options, writing: Writing | None, report: Report
    ) -> None:
        self.store, self.options, self.report = store, options, report
        self.writing = writing
        self.known = writing.known() if writing else {}
        self.waiting: list[Loaded] = []

    def jobs(self, found: list[Found]) -> Iterator[Job]:
        """A job a file; a source known by a smaller name is not read again."""
        for number, file in enumerate(found):
            template = Origin(
                "",
                file.name,
                file.folder,
                file.leaf,
                file.path.stat().st_mtime_ns // 1_000,
                self.options.zone,
                self.options.workflow,
                self.options.stage,
            )
            settled = frozenset(s for s, name in self.known.items() if name <= file.name)
            keep = self.store.raw if self.options.keep_raw else None
            out = self.store.scratch / f"{number}.arrow"
            yield Job(file, template, keep, out, settled, self.options.only)

    def settle(self, outcome: Outcome) -> None:
        """Enter one file into the ledger and put its rows by for merging."""
        if outcome.error:
            self._refuse(outcome)
            return
        kept, loaded, name = outcome.kept, outcome.loaded, outcome.job.found.name
        assert kept is not None and self.writing is not None
        if self.options.keep_raw:
            modified = outcome.job.template.modified_at
            stamp = self.writing.loaded_at.isoformat() + "Z"
            raw.note(self.store.raw, kept.source_id, name, stamp, modified)
        if loaded is None or self.known.get(kept.source_id, LAST_NAME) <= name:
            self.report.again.append(name)
            return
        if self.options.strict and loaded.rejects:
            first = loaded.rejects[0]
            raise IngestError(f"{name}, {first['locator']}: {first['reason']}")
        if kept.source_id in self.known:
            self.writing.forget_claims(kept.source_id)
        self.known[kept.source_id] = name
        self.writing.enter(loaded, kept.bytes)
        self.report.loaded.append(loaded)
        self.waiting.append(loaded)
        rows = sum(sum(x.rows_by_table.values()) for x in self.waiting)
        if len(self.waiting) >= FILES_AT_ONCE or rows >= ROWS_AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Merge the files that wait."""
        if self.waiting and self.writing:
            merge(self.writing.open(), self.waiting)
            self.waiting = []

    def _refuse(self, outcome: Outcome) -> None:
        file, kept = outcome.job.found, outcome.kept
        self.report.refused.append(outcome.error)
        if self.options.strict:
            raise IngestError(outcome.error)
        packed = file.path.read_bytes() if kept is None else b""
        source_id = kept.source_id if kept else hashlib.sha256(packed).hexdigest()
        if self.writing and source_id not in self.writing.refused:
            size = kept.bytes if kept else len(packed)
            self.writing.refuse(source_id, file.name, outcome.error, size)
