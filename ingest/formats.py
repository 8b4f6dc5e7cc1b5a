"""What a format is, and which format a file has: decided by content, never by name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any, Literal, NamedTuple, Protocol, runtime_checkable

Container = Literal["json", "csv", "yaml", "parquet", "eval"]
Value = dict[str, Any]
Rows = dict[str, list[dict[str, Any]]]
EXCERPT = 500


class Placed(dict[str, list[dict[str, Any]]]):
    """The rows of a record that stands at a place inside its value, for a reject found later."""

    def __init__(self, rows: Rows, place: str) -> None:
        super().__init__(rows)
        self.place = place


class Reject(NamedTuple):
    """A record that cannot be loaded; `place` is added to the place of the value it came from,
    unless it is a line of its own."""

    code: str
    reason: str
    place: str = ""
    excerpt: str = ""


class Ignored(NamedTuple):
    """A record that is understood and left out on purpose, counted by reason."""

    reason: str


Read = Rows | Reject | Ignored


class Sample(NamedTuple):
    """The first 200 values of a file, enough to tell its format.

    `columns` is the CSV or Parquet header, or the union of the keys of the values.
    """

    container: Container
    columns: frozenset[str]
    values: tuple[Value, ...]

    def has(self, *names: str) -> bool:
        """Whether every one of the columns is there."""
        return self.columns.issuperset(names)

    def under(self, key: str) -> Sample:
        """The sample of the records listed under `key` of an envelope, empty if there is none."""
        lists = [v[key] for v in self.values if isinstance(v.get(key), list)]
        return sample(self.container, [r for found in lists for r in found if isinstance(r, dict)])


def sample(container: Container, values: Sequence[Value]) -> Sample:
    """A sample of the given values."""
    head = tuple(values[:200])
    return Sample(container, frozenset(k for v in head for k in v), head)


@runtime_checkable
class Format(Protocol):
    """A module that reads one format.

    `HOLDS` says whether a record is the whole run (the newest replaces it) or part of one.
    `RECORDS` names the tables whose rows are counted as the records loaded: a record has exactly
    one row in one of them, and any number in other tables. `BASIS` says what the adapter was made
    from: real files, or only the vendor's documentation. Every yield of `read` is one record: its
    rows, a reject, or an ignored one.
    """

    NAME: str
    HOLDS: Literal["whole", "part"]
    RECORDS: str
    BASIS: Literal["files", "documentation"]
    OBTAIN: str

    def accepts(self, sample: Sample) -> bool:
        """Whether the sample is of this format."""

    def read(self, values: Iterator[Value]) -> Iterator[Read]:
        """Canonical rows of every record."""


def listed(package: str, names: str) -> tuple[Format, ...]:
    """The formats of a package's modules, named one a line; a module with several has FORMATS."""
    modules = [import_module(f"{package}.{name}") for name in names.split()]
    return tuple(form for module in modules for form in getattr(module, "FORMATS", (module,)))
