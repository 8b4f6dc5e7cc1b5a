"""Loading that goes on: places are looked at again and again, and what is ready is loaded."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from ingest.errors import IngestError
from ingest.files import NO_FILE, Found, State, state, walk
from ingest.pipeline import Report
from ingest.reading import YAML

LOG = logging.getLogger("ingest")
LOOK_EVERY_S = 2.0
AFTER_TROUBLE_S = 30.0

Load = Callable[[list[Found]], Report]
Told = Callable[[Report], None]
Say = Callable[[str], None]


class Place(Protocol):
    """Somewhere files appear: what is ready to be loaded, and what was done with it."""

    def ready(self) -> list[Found]:
        """The files that are complete and not yet loaded."""

    def done(self, batch: list[Found], report: Report) -> None:
        """Take note that a batch was loaded and published."""


class Folder:
    """A folder whose files are loaded when they have kept their state over two looks."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: dict[str, State] = {}
        self._settled: dict[str, State] = {}
        self._refused: set[str] = set()

    def ready(self) -> list[Found]:
        """The files that are new or changed, and have not changed since the last look."""
        found, _ = walk([self.path])
        now = {f.name: s for f in found if (s := state(f.path)) != NO_FILE}
        before, self._seen = self._seen, now
        return [
            f
            for f in found
            if f.name in now and before.get(f.name) == now[f.name] != self._settled.get(f.name)
        ]

    def done(self, batch: list[Found], report: Report) -> None:
        """Leave a batch alone from now on; what was refused is tried again beside new YAML.

        A mapping that comes after the files it reads is such YAML.
        """
        self._settled |= {f.name: self._seen[f.name] for f in batch if f.name in self._seen}
        self._refused |= {f.name for f in report.unread}
        if any(f.path.suffix.lower() in YAML for f in batch):
            for name in self._refused - {f.name for f in batch}:
                self._settled.pop(name, None)
            self._refused &= {f.name for f in report.unread}


def follow(
    places: list[Place], load: Load, told: Told, say: Say, every_s: float
) -> Iterator[float]:
    """Look at every place once a step and load what is ready; yields the seconds to pause.

    Trouble is said in a sentence, and what could not be loaded is tried again after a longer pause.
    """
    while True:
        pause = every_s
        for place in places:
            try:
                batch = place.ready()
                if batch:
                    report = load(batch)
                    place.done(batch, report)
                    told(report)
            except (IngestError, OSError) as error:
                say(f"{error} Trying again in {AFTER_TROUBLE_S:g} seconds.")
                pause = AFTER_TROUBLE_S
            except Exception as error:  # A fault of ours must not end the loop: it is logged whole.
                LOG.exception("a load failed")
                say(f"The load failed ({error}). Trying again in {AFTER_TROUBLE_S:g} seconds.")
                pause = AFTER_TROUBLE_S
        yield pause
