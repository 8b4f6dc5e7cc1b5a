"""Foreign bytes are read in child processes with limits; one that dies takes only its file."""

from __future__ import annotations

import gc
import multiprocessing as mp
import os
from collections import deque
from collections.abc import Iterable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from ingest.conform import Origin
from ingest.errors import IngestError
from ingest.files import Found
from ingest.load import Loaded, load
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


def read_all(jobs: Iterable[Job]) -> Iterator[Outcome]:
    """The outcome of every job in the order given, read ahead by one file a reader."""
    waiting, idle = deque[tuple[_Reader, Job]](), deque[_Reader]()
    queue = iter(jobs)
    readers = 0
    try:
        while True:
            while (idle or readers < READERS) and (job := next(queue, None)):
                if not idle:
                    idle.append(_Reader())
                    readers += 1
                reader = idle.popleft()
                reader.pipe.send(job)
                waiting.append((reader, job))
            if not waiting:
                return
            reader, job = waiting.popleft()
            outcome, alive = _receive(reader, job)
            if alive:
                idle.append(reader)
            else:
                readers -= 1
            yield outcome
    finally:
        for reader in [*idle, *(r for r, _ in waiting)]:
            reader.stop()


def _receive(reader: _Reader, job: Job) -> tuple[Outcome, bool]:
    seconds = SECONDS_PER_FILE + SECONDS_PER_MB * (job.found.path.stat().st_size >> 20)
    try:
        if reader.pipe.poll(seconds):
            return reader.pipe.recv(), True
        why = f"reading it took longer than {seconds} s"
    except (EOFError, ConnectionResetError):
        why = "reading it used more memory than allowed, or broke the reader"
    reader.stop()
    return Outcome(job, None, None, f"{job.found.name}: {why}. Split it into smaller files."), False


def _serve(pipe: Connection) -> None:
    _limit_memory()
    gc.set_threshold(*RARELY)
    while True:
        try:
            job = pipe.recv()
        except (EOFError, ConnectionResetError, KeyboardInterrupt):
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
        return Outcome(job, kept, load(kept.path, origin, job.out, job.only))
    except IngestError as error:
        return Outcome(job, kept, None, str(error))
    except MemoryError:
        return Outcome(job, kept, None, f"{job.found.name}: too large to read. Split the file.")
