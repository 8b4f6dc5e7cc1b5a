"""In which order the files of a load are read, and by which mappings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from itertools import count
from pathlib import Path

from ingest import registry
from ingest.conform import Origin
from ingest.errors import IngestError
from ingest.files import Found, state
from ingest.mapping import declaration
from ingest.mapping.known import Book, declared
from ingest.sandbox import Job, Outcome, Readers

YAML = frozenset({".yaml", ".yml"})


@dataclass(frozen=True)
class Options:
    """What the command line says of a load, and which checks there are."""

    only: str | None = None
    workflow: str | None = None
    stage: str | None = None
    zone: tzinfo = UTC
    strict: bool = False
    keep_raw: bool = True
    mappings: tuple[Path, ...] = ()
    checks: Callable[[], Iterable[str]] = frozenset


@dataclass
class Reading:
    """The files of one load as jobs; `known` has the settled sources with the name of each.

    `raw` is where bytes are kept, None for nowhere; results are written to `scratch`.
    """

    options: Options
    book: Book
    raw: Path | None
    scratch: Path
    known: dict[str, str] = field(default_factory=dict)

    def outcomes(self, found: list[Found]) -> Iterator[Outcome]:
        """What became of every file; YAML comes first, for mappings say how others are read."""
        first = [f for f in found if f.path.suffix.lower() in YAML or self._is_named(f)]
        rest = [f for f in found if not (f.path.suffix.lower() in YAML or self._is_named(f))]
        numbers = count()
        with Readers() as readers:
            for outcome in readers.read(self._jobs(first, numbers, anew=True)):
                self._learn(outcome)
                yield outcome
            if self.options.only and self.book.known().find(self.options.only) is None:
                registry.named(self.options.only)
            yield from readers.read(self._jobs(rest, numbers, anew=False))

    def _is_named(self, file: Found) -> bool:
        return file.path in self.options.mappings

    def _learn(self, outcome: Outcome) -> None:
        """Go by the mappings of a file from here on; IngestError if one was named and is none."""
        loaded, file = outcome.loaded, outcome.job.found
        named, is_mapping = self._is_named(file), loaded and loaded.format == declaration.NAME
        if named and not is_mapping:
            words = f"{file.name}: not a mapping. `--draft-mapping FILE` writes a first one."
            raise IngestError(outcome.error if file.path.suffix.lower() in YAML else words)
        if loaded is None or not is_mapping:
            return
        if named and loaded.rejects:
            first = loaded.rejects[0]
            raise IngestError(f"{file.name}, {first['locator']}: {first['reason']}")
        source_id = loaded.origin.source_id
        if self.book.is_back(loaded):
            self.known.pop(source_id, None)
        self.book.learn(declared(loaded), named=named, new=source_id not in self.known)

    def _jobs(self, found: list[Found], numbers: count[int], *, anew: bool) -> Iterator[Job]:
        """A job a file; unless all are read anew, one known by a smaller name is not read again."""
        options = self.options
        checks = frozenset(options.checks())
        for file in found:
            template = Origin(
                "",
                file.name,
                file.folder,
                file.leaf,
                state(file.path).changed_ns // 1_000,
                options.zone,
                options.workflow,
                options.stage,
            )
            settled = frozenset(
                source
                for source, name in self.known.items()
                if name <= file.name and source not in self.book.outdated and not anew
            )
            out = self.scratch / f"{next(numbers)}.arrow"
            mappings = self.book.known()._replace(checks=checks)
            yield Job(file, template, self.raw, out, settled, options.only, mappings)
