"""The mappings a load goes by, and the sources that an older version of one of them has read."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import orjson
import pyarrow as pa
import pyarrow.ipc

from ingest.formats import Format, Sample
from ingest.mapping.document import Mapping
from ingest.mapping.mapped import PREFIX, Mapped
from ingest.workflows.declaration import Told

if TYPE_CHECKING:
    from ingest.load import Loaded


class Known(NamedTuple):
    """Mappings as JSON by name, those in `named` before the built-in formats, and the checks.

    `checks` are the ids that a declaration may name; without any they are not judged.
    """

    declared: tuple[tuple[str, str], ...] = ()
    named: frozenset[str] = frozenset()
    checks: frozenset[str] = frozenset()

    def first(self) -> list[Format]:
        """The formats of the mappings that were asked for by name."""
        return [_mapped(text) for name, text in self.declared if name in self.named]

    def rest(self, sample: Sample) -> list[Format]:
        """The formats of the others, with the one that finds most in the sample first."""
        others = [_mapped(text) for name, text in self.declared if name not in self.named]
        others.sort(key=lambda m: (-m.fit(sample), m.NAME))
        return list(others)

    def told(self, form: Format) -> Format:
        """The format as it is read here: a declaration names checks."""
        return Told(self.checks) if form.NAME == Told.NAME else form

    def find(self, name: str) -> Format | None:
        """The format of a mapping by its name, with or without the prefix."""
        text = dict(self.declared).get(name.removeprefix(PREFIX))
        return _mapped(text) if text else None

    def misses(self, sample: Sample) -> str:
        """What the mappings that were asked for look for and do not find."""
        asked = [_mapped(text) for name, text in self.declared if name in self.named]
        return "".join(
            f"the mapping {m.mapping.mapping} looks in vain for {', '.join(m.lacks(sample))}, and "
            for m in asked
        )


@lru_cache(maxsize=200)
def _mapped(text: str) -> Mapped:
    return Mapped(Mapping.model_validate(orjson.loads(text)))


class Stored(NamedTuple):
    """What a store knows: mappings as JSON by name, the source and time (microseconds) of each,
    sources by the mapping that read them, and those among them that an older version read."""

    declared: dict[str, str]
    origins: dict[str, tuple[str, int]]
    read_by: dict[str, str]
    outdated: frozenset[str]


class Book:
    """The mappings of a load under way: those of the store, then those among its files."""

    def __init__(self, stored: Stored) -> None:
        self._stored, self._declared = stored, dict(stored.declared)
        self._named: set[str] = set()
        self.outdated = set(stored.outdated)

    def is_back(self, loaded: Loaded) -> bool:
        """Whether a file declares again what a later version had replaced in the store."""
        origin = loaded.origin
        known = [self._stored.origins[n] for n in declared(loaded) if n in self._stored.origins]
        return any(s != origin.source_id and t < origin.modified_at for s, t in known)

    def learn(self, declared: dict[str, str], *, named: bool, new: bool) -> None:
        """Take in the mappings of one file, whether they were named, and are new to the store."""
        self._declared |= declared
        if named:
            self._named |= declared.keys()
        if new:
            read_by = self._stored.read_by
            self.outdated |= {s for s, name in read_by.items() if name in declared}

    def known(self) -> Known:
        """The mappings for the readers."""
        return Known(tuple(sorted(self._declared.items())), frozenset(self._named))


def declared(loaded: Loaded) -> dict[str, str]:
    """The mappings a file declares, as JSON by name."""
    path = loaded.tables.get("mappings")
    rows = pa.ipc.open_file(path).read_all().to_pylist() if path else []
    return {row["mapping"]: row["declaration"] for row in rows}
