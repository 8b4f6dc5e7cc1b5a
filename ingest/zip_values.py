"""From a ZIP archive to a decoded value: the `.eval` log of Inspect AI.

The header of the log is the one value, and its `samples` are read from the archive one at a time
while they are iterated, so that a log of many gigabytes never stands in memory. A log whose run was
broken off has no header yet: the entry written at its start stands in. Entries are stored, deflated
or compressed with Zstandard, which the standard library of Python 3.11 cannot inflate; so only the
directory of the archive is read with `zipfile`.
"""

from __future__ import annotations

import io
import shutil
import tempfile
import weakref
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO

from backports import zstd

from ingest.errors import IngestError
from ingest.files import BOMB_RATIO, BOMB_SIZE
from ingest.formats import EXCERPT, Reject, Value
from ingest.json_values import loads

MAGIC = b"PK\x03\x04"
HEADERS = ("header.json", "_journal/start.json")
SAMPLES = "samples/"
ENTRY_LIMIT = 256 << 20
LOCAL_HEADER, NAME_LENGTH, EXTRA_LENGTH = 30, slice(26, 28), slice(28, 30)
ENCRYPTED = 1


class DamagedError(ValueError):
    """An entry that cannot be read, in words for its reject."""


UNREADABLE = (DamagedError, zlib.error, zstd.ZstdError, EOFError, OSError, RecursionError)


class Samples:
    """The samples of a log, each with its place, decoded when it is its turn."""

    def __init__(self, archive: _Archive) -> None:
        self._archive = archive
        self._names = [n for n in archive.entries if n.startswith(SAMPLES) and n.endswith(".json")]

    def __len__(self) -> int:
        return len(self._names)

    def __iter__(self) -> Iterator[tuple[str, Value | Reject]]:
        for name in self._names:
            yield name, self._archive.decoded(name)


def zip_values(stream: BinaryIO, name: str) -> Iterator[tuple[str, Value | Reject]]:
    """The header of an Inspect log with its samples; IngestError when the archive is none."""
    archive = _Archive(stream, name)
    header = next((h for h in HEADERS if h in archive.entries), None)
    if header is None:
        raise IngestError(
            f"{name}: a ZIP archive that is no Inspect log (.eval)."
            " Unpack it and load the files in it."
        )
    value = archive.decoded(header)
    if isinstance(value, dict):
        value["samples"] = Samples(archive)
    yield header, value


class _Archive:
    """The entries of an archive by name; of two of one name the last counts, as ZIP has it.

    The bytes are copied to a file that lives as long as the archive is read.
    """

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115
        weakref.finalize(self, self._file.close)
        shutil.copyfileobj(stream, self._file)
        self._size, self._read = self._file.tell(), 0
        try:
            with zipfile.ZipFile(self._file) as found:
                self.entries = {entry.filename: entry for entry in found.infolist()}
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
            raise IngestError(
                f"{name}: the ZIP archive is damaged or not complete ({error})."
                " Copy the file again; a log still being written is complete when its run ends."
            ) from error

    def decoded(self, name: str) -> Value | Reject:
        """The JSON object an entry holds, or why it cannot be had."""
        try:
            data = self._inflated(self.entries[name])
            value = loads(data)
        except UNREADABLE as error:
            return Reject("damaged", f"the entry cannot be read ({error}).")
        except ValueError as error:
            excerpt = data[:EXCERPT].decode("utf-8", "replace")
            return Reject("bad_json", f"not valid JSON ({error}).", excerpt=excerpt)
        if isinstance(value, dict):
            return value
        return Reject("not_an_object", "a JSON object was expected.", excerpt=str(value)[:EXCERPT])

    def _inflated(self, entry: zipfile.ZipInfo) -> bytes:
        inflate = INFLATE.get(entry.compress_type)
        if inflate is None or entry.flag_bits & ENCRYPTED:
            raise DamagedError(f"encrypted, or packed by method {entry.compress_type}")
        if self._read > BOMB_SIZE and self._read > BOMB_RATIO * self._size:
            raise DamagedError(f"the archive expands more than {BOMB_RATIO}-fold beyond 1 GB")
        data = b""
        if entry.file_size <= ENTRY_LIMIT:
            data = inflate(self._packed(entry), entry.file_size + 1)
        self._read += len(data)
        if max(entry.file_size, len(data)) > ENTRY_LIMIT:
            raise DamagedError(f"larger than {ENTRY_LIMIT >> 20} MB")
        if zlib.crc32(data) != entry.CRC:
            raise DamagedError("its checksum does not fit")
        return data

    def _packed(self, entry: zipfile.ZipInfo) -> bytes:
        """The bytes of an entry as they stand, after a local header of varying length."""
        self._file.seek(entry.header_offset)
        local = self._file.read(LOCAL_HEADER)
        if len(local) < LOCAL_HEADER or not local.startswith(MAGIC):
            raise DamagedError("the directory points elsewhere")
        lengths = (int.from_bytes(local[part], "little") for part in (NAME_LENGTH, EXTRA_LENGTH))
        self._file.seek(sum(lengths), io.SEEK_CUR)
        return self._file.read(entry.compress_size)


def _stored(data: bytes, limit: int) -> bytes:
    return data[:limit]


def _deflated(data: bytes, limit: int) -> bytes:
    return zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, limit)


def _zstandard(data: bytes, limit: int) -> bytes:
    with zstd.ZstdFile(io.BytesIO(data)) as file:
        return file.read(limit)


INFLATE: dict[int, Callable[[bytes, int], bytes]] = {
    zipfile.ZIP_STORED: _stored,
    zipfile.ZIP_DEFLATED: _deflated,
    93: _zstandard,
}
