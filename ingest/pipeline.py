"""A load from paths to a published generation."""

from __future__ import annotations

import hashlib
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from ingest import raw
from ingest.errors import IngestError
from ingest.files import Found, Skipped
from ingest.load import Loaded
from ingest.mapping.known import Book
from ingest.reading import Options, Reading
from ingest.sandbox import Outcome
from ingest.store.generations import Store
from ingest.store.mappings import stored
from ingest.store.merge import merge
from ingest.store.summary import Summary, summarise
from ingest.store.writing import Evaluate, Writing

ROWS_AT_ONCE = 120_000
FILES_AT_ONCE = 200
LAST_NAME = "\U0010ffff"

Progress = Callable[[str, int, int], None]


@dataclass
class Report:
    """What became of every file of a load, for the closing table and the exit code."""

    loaded: list[Loaded] = field(default_factory=list)
    again: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    unread: list[Found] = field(default_factory=list)
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
        found = sum((Counter(x.rejected_by) for x in self.loaded), Counter[str]())
        return dict(found.most_common())


def ingest(
    found: list[Found],
    store: Store,
    options: Options,
    evaluate: Evaluate,
    progress: Progress,
    say: Callable[[str], None],
) -> Report:
    """Load files into a new generation of the store and publish it.

    Nothing is published when nothing is new. Raises IngestError with `strict` at the first refused
    file or rejected record.
    """
    report = Report()
    with store.locked(say), Writing(store) as writing:
        load = _Load(store, options, writing, report)
        for number, outcome in enumerate(load.reading.outcomes(found), 1):
            progress(outcome.job.found.name, number, len(found))
            load.settle(outcome)
        load.flush()
        if writing.is_open:
            progress("deriving runs, totals and checks", len(found), len(found))
            report.as_of = writing.finish(evaluate)
            report.generation = writing.number
            report.summary = summarise(writing.open())
    return report


def preview(found: list[Found], store: Store, options: Options, progress: Progress) -> Report:
    """Read everything and change nothing: what a load would find."""
    report = Report()
    with tempfile.TemporaryDirectory() as scratch:
        reading = Reading(options, Book(stored(store.current())), None, Path(scratch))
        for number, outcome in enumerate(reading.outcomes(found), 1):
            progress(outcome.job.found.name, number, len(found))
            report.loaded += [outcome.loaded] if outcome.loaded else []
            report.refused += [outcome.error] if outcome.error else []
    return report


class _Load:
    """One load under way: what is known of the sources, and the files waiting to be merged."""

    def __init__(self, store: Store, options: Options, writing: Writing, report: Report) -> None:
        self.options, self.writing, self.report = options, writing, report
        self.raw = store.raw if options.keep_raw else None
        self.book, self.known = Book(stored(store.current())), writing.known()
        self.reading = Reading(options, self.book, self.raw, store.scratch, self.known)
        self.waiting: list[Loaded] = []

    def settle(self, outcome: Outcome) -> None:
        """Enter one file into the ledger and put its rows by for merging."""
        if outcome.error:
            self._refuse(outcome)
            return
        kept, loaded, name = outcome.kept, outcome.loaded, outcome.job.found.name
        assert kept is not None
        if self.raw:
            modified = outcome.job.template.modified_at
            stamp = self.writing.loaded_at.isoformat() + "Z"
            raw.note(self.raw, kept.source_id, name, stamp, modified)
        old = kept.source_id in self.book.outdated
        if loaded is None or (not old and self.known.get(kept.source_id, LAST_NAME) <= name):
            self.report.again.append(name)
            return
        if self.options.strict and loaded.rejects:
            first = loaded.rejects[0]
            raise IngestError(f"{name}, {first['locator']}: {first['reason']}")
        if old:
            self._forget(kept.source_id)
        elif kept.source_id in self.known:
            self.writing.forget_claims(kept.source_id)
        self.known[kept.source_id] = name
        self.writing.enter(loaded, kept.bytes)
        self.report.loaded.append(loaded)
        self.waiting.append(loaded)
        rows = sum(sum(x.rows_by_table.values()) for x in self.waiting)
        if len(self.waiting) >= FILES_AT_ONCE or rows >= ROWS_AT_ONCE:
            self.flush()

    def _forget(self, source_id: str) -> None:
        """Drop the rows of a source that an older version of its mapping read."""
        self.writing.forget(source_id)
        self.book.outdated.discard(source_id)

    def flush(self) -> None:
        """Merge the files that wait."""
        if self.waiting:
            merge(self.writing.open(), self.waiting)
            self.waiting = []

    def _refuse(self, outcome: Outcome) -> None:
        file, kept = outcome.job.found, outcome.kept
        self.report.refused.append(outcome.error)
        self.report.unread.append(file)
        if self.options.strict:
            raise IngestError(outcome.error)
        try:
            packed = file.path.read_bytes() if kept is None else b""
        except OSError:
            return
        source_id = kept.source_id if kept else hashlib.sha256(packed).hexdigest()
        if source_id in self.book.outdated:
            self._forget(source_id)
        if source_id not in self.writing.refused:
            size = kept.bytes if kept else len(packed)
            self.writing.refuse(source_id, file.name, outcome.error, size)
