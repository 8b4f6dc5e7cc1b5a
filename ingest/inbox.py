"""Bodies that were received and answered for, each a file until its load is published.

A process killed at any moment loses none of them: what it leaves is loaded at the next start.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from ingest.errors import IngestError
from ingest.files import Found
from ingest.pipeline import Report
from ingest.raw import sync_folder
from ingest.store.generations import Store

GATHER_S = 20.0
BODIES = frozenset({".json", ".pb"})


class Inbox:
    """The folder `inbox` of a store; only one process receives into it.

    Bodies are gathered for some seconds, so that a load is worth its while; those found at the
    start are loaded at once.
    """

    def __init__(self, store: Store, clock: Callable[[], float] = time.monotonic) -> None:
        self.folder, self._raw, self._clock = store.folder / "inbox", store.raw, clock
        self.refused = self.folder / "refused"
        self.refused.mkdir(parents=True, exist_ok=True)
        self._since: float | None = float("-inf")
        self._lock = FileLock(self.folder / ".lock")
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise IngestError(
                f"{self.folder}: another process receives into this store. Give `--store` another."
            ) from None
        for part in self.folder.glob(".*.part"):
            part.unlink()
        for path in self.refused.iterdir():
            path.replace(self.folder / path.name)

    def close(self) -> None:
        """Let another process receive into the store."""
        self._lock.release()

    def keep(self, signal: str, suffix: str, body: bytes) -> Path:
        """Write a body down; when this returns, a power cut does not lose it."""
        stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%S}"
        path = self.folder / f"{stamp}-{signal}-{uuid.uuid4().hex}{suffix}"
        part = path.with_name(f".{path.name}.part")
        with part.open("wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        sync_folder(self.folder)
        return path

    def waiting(self) -> list[Path]:
        """Every body that is not loaded yet, the oldest first."""
        return sorted(
            p for p in self.folder.iterdir() if p.suffix in BODIES and not p.name.startswith(".")
        )

    def ready(self) -> list[Found]:
        """Every body that waits, once they were gathered long enough."""
        waiting = self.waiting()
        if self._since is None and waiting:
            self._since = self._clock()
        if not waiting or self._since is None or self._clock() - self._since < GATHER_S:
            return []
        return [Found(p, f"received/{p.name}", "", "") for p in waiting]

    def done(self, batch: list[Found], report: Report) -> None:
        """Remove what was loaded; what could not be read is put aside until the next start."""
        self._since = None
        if self._raw.is_dir():
            sync_folder(self._raw)
        unread = {f.name for f in report.unread}
        for file in batch:
            if file.name in unread:
                file.path.replace(self.refused / file.path.name)
            else:
                file.path.unlink(missing_ok=True)
