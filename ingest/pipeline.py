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
from ingest.store.writing import Evaluate, Writing

ROWS_AT_ONCE = 200_000
FILES_AT_ONCE = 200

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
    with store.locked(say), Writing(store) as generation:
        known = generation.known()
        jobs = _jobs(found, store, options, known)
        group: list[Loaded] = []
        for number, outcome in enumerate(read_all(jobs), 1):
            progress(outcome.job.found.name, number, len(found))
            loaded = _settle_outcome(outcome, generation, report, options, store, known)
            group += [loaded] if loaded else []
            if _is_full(group):
                merge(generation.open(), group)
                group = []
        if group:
            merge(generation.open(), group)
        if generation.is_open:
            progress("deriving runs, totals and checks", len(found), len(found))
            report.as_of = generation.finish(evaluate)
            report.generation = generation.number
    return report


def preview(paths: list[Path], options: Options, progress: Progress) -> Report:
    """Read everything and change nothing: what a load would find."""
    found, skipped = walk(paths)
    report = Report(skipped=skipped)
    with tempfile.TemporaryDirectory() as scratch:
        jobs = _jobs(found, Store(Path(scratch)), replace(options, keep_raw=False), {})
        for number, outcome in enumerate(read_all(jobs), 1):
            progress(outcome.job.found.name, number, len(found))
            report.loaded += [outcome.loaded] if outcome.loaded else []
            report.refused += [outcome.error] if outcome.error else []
    return report


def _jobs(
    found: list[Found], store: Store, options: Options, known: dict[str, str]
) -> Iterator[Job]:
    for number, file in enumerate(found):
        template = Origin(
            "",
            file.name,
            file.folder,
            file.leaf,
            file.path.stat().st_mtime_ns // 1_000,
            options.zone,
            options.workflow,
            options.stage,
        )
        settled = frozenset(s for s, name in known.items() if name <= file.name)
        keep = store.raw if options.keep_raw else None
        out = store.scratch / f"{number}.arrow"
        yield Job(file, template, keep, out, settled, options.only)


def _settle_outcome(
    outcome: Outcome,
    generation: Writing,
    report: Report,
    options: Options,
    store: Store,
    known: dict[str, str],
) -> Loaded | None:
    """Enter one file into the ledger; its rows if there is anything to merge."""
    file, kept, loaded = outcome.job.found, outcome.kept, outcome.loaded
    if outcome.error:
        report.refused.append(outcome.error)
        if options.strict:
            raise IngestError(outcome.error)
        _refuse(outcome, generation)
        return None
    assert kept is not None
    if options.keep_raw:
        modified = outcome.job.template.modified_at
        stamp = generation.loaded_at.isoformat() + "Z"
        raw.note(store.raw, kept.source_id, file.name, stamp, modified)
    if loaded is None or known.get(kept.source_id, "~") <= file.name:
        report.again.append(file.name)
        return None
    if options.strict and loaded.rejects:
        first = loaded.rejects[0]
        raise IngestError(f"{file.name}, {first['locator']}: {first['reason']}")
    if kept.source_id in known:
        generation.open().execute(
            "delete from run_claims where source_id = $id", {"id": kept.source_id}
        )
    known[kept.source_id] = file.name
    generation.new.append(kept.source_id)
    generation.open()
    generation.ledger.enter(loaded, kept.bytes)
    report.loaded.append(loaded)
    return loaded


def _refuse(outcome: Outcome, generation: Writing) -> None:
    file, kept = outcome.job.found, outcome.kept
    packed = file.path.read_bytes() if kept is None else b""
    source_id = kept.source_id if kept else hashlib.sha256(packed).hexdigest()
    size = kept.bytes if kept else len(packed)
    if source_id in generation.refused:
        return
    generation.open()
    generation.ledger.refuse(source_id, file.name, outcome.error, size)


def _is_full(group: list[Loaded]) -> bool:
    rows = sum(sum(x.rows_by_table.values()) for x in group)
    return len(group) >= FILES_AT_ONCE or rows >= ROWS_AT_ONCE
