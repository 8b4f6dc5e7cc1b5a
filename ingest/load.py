"""One file: detect its format, read its records, conform them, write Arrow; no database here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import polars as pl
import pyarrow as pa
import pyarrow.ipc

from ingest import nearest, registry
from ingest.conform import BadRecordError, Conformer, Origin, Row, reject_of
from ingest.containers import Values, open_values
from ingest.errors import IngestError
from ingest.files import open_raw
from ingest.formats import EXCERPT, Format, Ignored, Placed, Read, Reject
from ingest.mapping.known import Known
from ingest.schema import TABLES

BATCH = 20_000
BATCH_CHARS = 16 << 20
REJECTS_KEPT = 10_000
NO_MAPPINGS = Known()


class Loaded(NamedTuple):
    """What one file held: its format, the accounting of its records, and an Arrow file a table."""

    origin: Origin
    format: str
    records_table: str
    records: int
    ignored: dict[str, int]
    rejected_by: dict[str, int]
    rejects: list[Row]
    rows_by_table: dict[str, int]
    times_without_zone: int
    tables: dict[str, Path]

    @property
    def rejected(self) -> int:
        """Records that could not be loaded; of very many, only the first are in `rejects`."""
        return sum(self.rejected_by.values())


def load(
    path: Path,
    origin: Origin,
    out: Path,
    only: str | None = None,
    mappings: Known = NO_MAPPINGS,
) -> Loaded:
    """Read one (decompressed or packed) file into Arrow files under `out`.

    Raises IngestError when the file as a whole cannot be read.
    """
    stream = open_raw(path, origin.name)
    with stream:
        values = open_values(stream, origin.name)
        form = mappings.told(detect(values, origin.name, only, mappings))
        with _Writer(out) as writer:
            return _read(form, values, origin, writer)


def detect(values: Values, name: str, only: str | None, mappings: Known = NO_MAPPINGS) -> Format:
    """The one format that accepts the file's first values; IngestError when none does.

    Built-in formats come before mappings, but for a mapping that was asked for by name.
    """
    if only:
        named = (f for f in registry.FORMATS if only == f.NAME and f.accepts(values.sample))
        return next(named, None) or mappings.find(only) or registry.named(only)
    for form in (*mappings.first(), *registry.FORMATS, *mappings.rest(values.sample)):
        if form.accepts(values.sample):
            return form
    if not values.head and values.broken:
        first = values.broken[0]
        place = f", {first.place}" if first.place else ""
        raise IngestError(f"{name}{place}: {first.reason}")
    if not values.head:
        raise IngestError(f"{name}: the file holds no records. Export it again, or leave it out.")
    words = f"{mappings.misses(values.sample)}{nearest.sentence(values.sample)}"
    raise IngestError(f"{name}: {words}")


class _Writer:
    """An Arrow file a table, opened at its first rows."""

    def __init__(self, out: Path) -> None:
        self.out, self.paths, self.counts = out, dict[str, Path](), Counter[str]()
        self._open: dict[str, pa.ipc.RecordBatchFileWriter] = {}

    def __enter__(self) -> _Writer:
        return self

    def __exit__(self, *_: object) -> None:
        for writer in self._open.values():
            writer.close()

    def write(self, rows: dict[str, list[Row]]) -> None:
        for table, found in rows.items():
            if not found:
                continue
            batch = frame(table, found).to_arrow(compat_level=pl.CompatLevel.oldest())
            if table not in self._open:
                self.paths[table] = self.out.with_suffix(f".{table}.arrow")
                self._open[table] = pa.ipc.new_file(self.paths[table], batch.schema)
            self._open[table].write_table(batch)
            self.counts[table] += len(found)


def frame(table: str, rows: list[Row]) -> pl.DataFrame:
    """Rows as a frame with exactly the table's columns and types."""
    return pl.DataFrame(rows, schema=TABLES[table].polars(), strict=True)


class _Count:
    """The accounting of one file's records."""

    def __init__(self) -> None:
        self.records = 0
        self.ignored, self.rejected_by = Counter[str](), Counter[str]()
        self.rejects: dict[str, Row] = {}

    def reject(self, source_id: str, found: Reject, place: str) -> None:
        self.records += 1
        self.rejected_by[found.code] += 1
        is_line = found.place.startswith("line ")
        where = ", ".join(filter(None, ("" if is_line else place, found.place))) or "the file"
        if len(self.rejects) < REJECTS_KEPT:
            while where in self.rejects:
                where += "'"
            self.rejects[where] = {
                "source_id": source_id,
                "locator": where,
                "reason_code": found.code,
                "reason": found.reason,
                "excerpt": found.excerpt[:EXCERPT] or None,
            }


def _read(form: Format, values: Values, origin: Origin, writer: _Writer) -> Loaded:
    conformer, count = Conformer(origin, form.HOLDS), _Count()
    for found in _records(form, values, origin):
        for broken in _drain(values.broken):
            count.reject(origin.source_id, broken, "")
        _take(found, conformer, count, values.place)
        if count.records % BATCH == 0 or conformer.text_chars > BATCH_CHARS:
            writer.write(conformer.drain())
    for broken in _drain(values.broken):
        count.reject(origin.source_id, broken, "")
    writer.write(conformer.drain())
    for rest in conformer.finish():
        writer.write(rest)
    return Loaded(
        origin,
        form.NAME,
        form.RECORDS,
        count.records,
        dict(count.ignored),
        dict(count.rejected_by),
        list(count.rejects.values()),
        dict(writer.counts),
        conformer.clock.without_zone,
        writer.paths,
    )


def _records(form: Format, values: Values, origin: Origin) -> Iterator[Read]:
    try:
        yield from form.read(iter(values))
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        place = f", {values.place}" if values.place else ""
        raise IngestError(
            f"{origin.name}{place}: not as the format {form.NAME} has it ({error})."
            " Nothing of the file was loaded; export it again or report the file."
        ) from error


def _take(found: Read, conformer: Conformer, count: _Count, place: str) -> None:
    if isinstance(found, Reject):
        count.reject(conformer.origin.source_id, found, place)
        return
    if isinstance(found, Ignored):
        count.records += 1
        count.ignored[found.reason] += 1
        return
    inner = found.place if isinstance(found, Placed) else ""
    try:
        conformer.take(found)
    except BadRecordError as error:
        count.reject(conformer.origin.source_id, reject_of(error)._replace(place=inner), place)
    else:
        count.records += 1


def _drain(broken: list[Reject]) -> Iterable[Reject]:
    found, broken[:] = list(broken), []
    return found
