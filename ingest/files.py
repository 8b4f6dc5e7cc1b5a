"""Which files lie under the given paths, and their bytes, decompressed within limits."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from backports import zstd

from ingest.errors import IngestError

SUFFIXES = frozenset(
    """.json .jsonl .ndjson .csv .tsv .yaml .yml .parquet .pb .binpb .otlp .lenprefixed .eval
    .log .traj""".split()
)
COMPRESSED = frozenset({".gz", ".zst"})
CHUNK = 1 << 20
BOMB_SIZE = 1 << 30
BOMB_RATIO = 200
Packed = gzip.GzipFile | zstd.ZstdFile
GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


class Found(NamedTuple):
    """A file to load: where it is, the name it is known by, and the folders it lies in.

    `name` is relative to the parent of the path that was given; `folder` is the parent folder
    relative to that path and `leaf` the name of the folder the file lies in, both empty when the
    file itself was named.
    """

    path: Path
    name: str
    folder: str
    leaf: str


class Skipped(NamedTuple):
    """A file that a folder walk leaves out, and why."""

    name: str
    reason: str


def walk(paths: list[Path]) -> tuple[list[Found], list[Skipped]]:
    """Every file under the paths in name order; a path given by name is always judged.

    Raises IngestError when a path does not exist.
    """
    found: dict[Path, Found] = {}
    skipped: list[Skipped] = []
    for path in paths:
        if not path.exists():
            raise IngestError(f"{path}: no such file or folder. Check the path and try again.")
        if path.is_file():
            found.setdefault(path.resolve(), Found(path, path.name, "", ""))
            continue
        root = path.resolve()
        for file in sorted(f for f in root.rglob("*") if f.is_file()):
            name = f"{root.name}/{file.relative_to(root)}"
            reason = _skip_reason(file, root)
            if reason:
                skipped.append(Skipped(name, reason))
            else:
                inner = file.parent.relative_to(root)
                folder = "" if inner == Path() else str(inner)
                found.setdefault(file, Found(file, name, folder, file.parent.name))
    return list(found.values()), skipped


def _skip_reason(file: Path, root: Path) -> str:
    if any(part.startswith(".") for part in file.relative_to(root).parts):
        return "hidden"
    suffixes = [s.lower() for s in file.suffixes]
    if suffixes and suffixes[-1] in COMPRESSED:
        suffixes = suffixes[:-1] or [".json"]
    if suffixes and suffixes[-1] in SUFFIXES:
        return ""
    return "not a data file by its name"


class State(NamedTuple):
    """Size and time of change (nanoseconds) of a file: while they change, it is being written."""

    size: int
    changed_ns: int


NO_FILE = State(0, 0)


def state(path: Path) -> State:
    """The state of a file, `NO_FILE` where it cannot be told."""
    try:
        found = path.stat()
    except OSError:
        return NO_FILE
    return State(found.st_size, found.st_mtime_ns)


def open_raw(path: Path, name: str) -> BinaryIO:
    """The decompressed bytes of a gzip, zstd or plain file, read to the end within the limits."""
    with path.open("rb") as file:
        magic = file.read(4)
    if magic.startswith(GZIP):
        inner: Packed = gzip.open(path, "rb")  # noqa: SIM115
    elif magic == ZSTD:
        inner = zstd.open(path, "rb")
    else:
        return path.open("rb")
    return io.BufferedReader(_Limited(inner, path.stat().st_size, name), CHUNK)


class _Limited(io.RawIOBase):
    """A decompressed stream that says in plain words how it broke, and stops a bomb."""

    def __init__(self, inner: Packed, packed: int, name: str) -> None:
        self._inner, self._packed, self._name, self._read = inner, packed, name, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            data = self._inner.read(len(buffer))
        except (EOFError, zlib.error, zstd.ZstdError, OSError) as error:
            raise IngestError(
                f"{self._name}: the compressed data breaks off or is damaged after"
                f" {self._read:,} bytes. Copy or export the file again."
            ) from error
        self._read += len(data)
        if self._read > BOMB_SIZE and self._read > BOMB_RATIO * self._packed:
            raise IngestError(
                f"{self._name}: expands more than {BOMB_RATIO}-fold beyond 1 GB."
                " Split the export into smaller files."
            )
        buffer[: len(data)] = data
        return len(data)


def chunks(stream: BinaryIO) -> Iterator[bytes]:
    """The stream in pieces of at most 1 MB."""
    while piece := stream.read(CHUNK):
        yield piece
