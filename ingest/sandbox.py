"""Foreign bytes are read in child processes with limits; one that dies takes only its file."""

from __future__ import annotations

import gc
import multiprocessing as mp
import os
import signal
from collections import deque
from collections.abc import Iterable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from ingest.conform import Origin
from ingest.errors import IngestError
from ingest.files import Found, state
from ingest.load import NO_MAPPINGS, Loaded, load
from ingest.mapping.known import Known
from ingest.raw import Kept, keep

MEMORY_LIMIT = 8 << 30
SECONDS_PER_FILE = 120
SECONDS_PER_MB = 2
# Decoded JSON is a flood of objects without rings: looking for rings often doubles the work.
RARELY = (100_000, 50, 100)
READERS = min(os.cpu_count() or 1, 2)


class Job(NamedTuple):
    """One file to read: what is known of it before, and where its results go."""

    found: Found
    template: Origin
    raw: Path | None
    out: Path
    known: frozenset[str]
    only: str | None
    mappings: Known = NO_MAPPINGS


class Outcome(NamedTuple):
    """What became of a job: its bytes as kept, and the rows or the sentence that says why not."""

    job: Job
    kept: Kept | None
    loaded: Loaded | None
    error: str = ""


class _Reader:
    """One child process and the pipe to it."""

    def __init__(self) -> None:
        context = mp.get_context("spawn")
        self.pipe, far = context.Pipe()
        self.process = context.Process(target=_serve, args=(far,), daemon=True)
        self.process.start()
        far.close()

    def stop(self) -> None:
        self.pipe.close()
        self.process.join(1)
        self.process.kill()


class Readers:
    """The child processes of one load, started when they are first needed."""

    def __init__(self) -> None:
        self._idle, self._waiting = deque[_Reader](), deque[tuple[_Reader, Job]]()

    def __enter__(self) -> Readers:
        return self

    def __exit__(self, *_: object) -> None:
        for reader in [*self._idle, *(r for r, _ in self._waiting)]:
            reader.stop()

    def read(self, jobs: Iterable[Job]) -> Iterator[Outcome]:
        """The outcome of every job in the order given, read ahead by one file a reader."""
        queue = iter(jobs)
        while True:
            while len(self._waiting) < READERS and (job := next(queue, None)):
                reader = self._idle.popleft() if self._idle else _Reader()
                reader.pipe.send(job)
                self._waiting.append((reader, job))
            if not self._waiting:
                return
            reader, job = self._waiting.popleft()
            outcome, alive = _receive(reader, job)
            if alive:
                self._idle.append(reader)
            yield outcome


def _receive(reader: _Reader, job: Job) -> tuple[Outcome, bool]:
    seconds = SECONDS_PER_FILE + SECONDS_PER_MB * (state(job.found.path).size >> 20)
    try:
        if reader.pipe.poll(seconds):
            return reader.pipe.recv(), True
        why = f"reading it took longer than {seconds} s"
    except (EOFError, ConnectionResetError):
        why = "reading it used more memory than allowed, or broke the reader"
    reader.stop()
    return Outcome(job, None, None, f"{job.found.name}: {why}. Split it into smaller files."), False


def _serve(pipe: Connection) -> None:
    # Ctrl-C reaches the children too; the parent decides when they end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _limit_memory()
    gc.set_threshold(*RARELY)
    while True:
        try:
            job = pipe.recv()
        except (EOFError, ConnectionResetError):
            return
        pipe.send(_work(job))


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))


def _work(job: Job) -> Outcome:
    kept = None
    try:
        kept = keep(job.found, job.raw)
        if kept.source_id in job.known:
            return Outcome(job, kept, None)
        origin = job.template._replace(source_id=kept.source_id)
        job.out.parent.mkdir(parents=True, exist_ok=True)
        return Outcome(job, kept, load(kept.path, origin, job.out, job.only, job.mappings))
    except IngestError as error:
        return Outcome(job, kept, None, str(error))
    except OSError as error:
        if error.filename != str(job.found.path):
            raise
        why = f"it cannot be read ({error.strerror}). Check that it is there, and open to you."
        return Outcome(job, None, None, f"{job.found.name}: {why}")
    except MemoryError:
        return Outcome(job, kept, None, f"{job.found.name}: too large to read. Split the file.")
