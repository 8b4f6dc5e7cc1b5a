"""The raw bytes of every source, kept before anything is read so that the store can be rebuilt."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from backports import zstd

from ingest.files import Found, chunks, open_raw


class Kept(NamedTuple):
    """A source: the SHA-256 of its decompressed bytes, their number, and where to read them."""

    source_id: str
    bytes: int
    path: Path


def keep(found: Found, folder: Path | None) -> Kept:
    """Hash a file and, given a folder, keep its bytes there compressed; the file is fsynced first.

    Raises IngestError when the compressed data is damaged.
    """
    digest, size = hashlib.sha256(), 0
    if folder is None:
        with open_raw(found.path, found.name) as stream:
            for piece in chunks(stream):
                digest.update(piece)
                size += len(piece)
        return Kept(digest.hexdigest(), size, found.path)
    part = folder / f"incoming.{os.getpid()}.tmp"
    with open_raw(found.path, found.name) as stream, part.open("wb") as disk:
        with zstd.ZstdFile(disk, "wb") as packed:
            for piece in chunks(stream):
                digest.update(piece)
                size += len(piece)
                packed.write(piece)
        disk.flush()
        os.fsync(disk.fileno())
    path = folder / f"{digest.hexdigest()}.zst"
    part.replace(path)
    return Kept(digest.hexdigest(), size, path)


def note(folder: Path, source_id: str, name: str, loaded_at: str, modified_at: int) -> None:
    """Write down beside the raw bytes when they first came and every name they came under."""
    path = folder / f"{source_id}.json"
    known = _read(path)
    names = sorted({*known.get("names", []), name})
    facts = {
        "loaded_at": known.get("loaded_at", loaded_at),
        "names": names,
        "modified_at": known.get("modified_at", modified_at),
    }
    part = path.with_suffix(".json.tmp")
    part.write_bytes(orjson.dumps(facts, option=orjson.OPT_INDENT_2))
    part.replace(path)


def _read(path: Path) -> dict[str, Any]:
    """The note as it stands; one that a power cut emptied is written anew."""
    try:
        found: dict[str, Any] = orjson.loads(path.read_bytes())
    except (FileNotFoundError, orjson.JSONDecodeError):
        return {}
    return found


def sync_folder(folder: Path) -> None:
    """Make renames in a folder durable, where the system can."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
