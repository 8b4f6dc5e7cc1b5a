"""Pages an API answers with: their records stand in a list under a name of the envelope."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeVar

from ingest.fields.rejects import misshapen
from ingest.formats import Ignored, Read, Reject, Rows, Sample, Value

EMPTY = Ignored("empty page")

Found = tuple[str, Value | Reject | Ignored]
Unpack = Callable[[Value, str], Iterable[Read]]


Made = TypeVar("Made")


def items(value: Value, *keys: str) -> Iterator[Found]:
    """The records listed under the first of the keys, with their places; else the value itself."""
    key = next((k for k in keys if isinstance(value.get(k), list)), None)
    if key is None:
        yield "", value
        return
    if not value[key]:
        yield "", EMPTY
    yield from listed(value[key], key)


def listed(found: object, place: str) -> Iterator[tuple[str, Value | Reject]]:
    """The objects of a list with their places, rejects of what is none; nothing for no list."""
    for number, held in enumerate(found if isinstance(found, list) else ()):
        at = f"{place}[{number}]"
        if isinstance(held, dict):
            yield at, held
        else:
            yield at, misshapen("an object was expected.", held, at)


def parts(found: object, place: str, make: Callable[[Value], Made]) -> Iterator[Made | Reject]:
    """What is made of the objects of a list; its ValueError is the reject of one of them."""
    for at, held in listed(found, place):
        try:
            yield held if isinstance(held, Reject) else make(held)
        except ValueError as error:
            yield misshapen(error, held, at)


def unpacked(found: Iterable[Found], unpack: Unpack) -> Iterator[Read]:
    """What `unpack` makes of every record and its place; its ValueError is the record's reject."""
    for place, held in found:
        if not isinstance(held, dict):
            yield held
            continue
        try:
            yield from list(unpack(held, place))
        except ValueError as error:
            yield misshapen(error, held, place)


def each(values: Iterable[Value], unpack: Unpack, *keys: str) -> Iterator[Read]:
    """The same of the records of every value, under the first of the keys or alone."""
    return unpacked((found for value in values for found in items(value, *keys)), unpack)


def merged(found: Iterable[Read]) -> tuple[Rows, list[Reject]]:
    """The rows of all the records by table, and the rejects among them."""
    rows, bad = Rows(), list[Reject]()
    for record in found:
        if isinstance(record, Reject):
            bad.append(record)
        elif isinstance(record, dict):
            for table, some in record.items():
                rows.setdefault(table, []).extend(some)
    return rows, bad


@dataclass
class Pages:
    """The format of records that stand alone, or in a list under one of the keys of an envelope.

    `fits` says whether records are of that kind. `settle` is given them all, in their order.
    """

    NAME: str
    RECORDS: str
    OBTAIN: str
    fits: Callable[[Sample], bool]
    unpack: Unpack
    BASIS: Literal["files", "documentation"] = "files"
    keys: tuple[str, ...] = ("data",)
    settle: Callable[[Iterator[Read]], Iterator[Read]] = iter

    HOLDS: Literal["whole", "part"] = "part"

    def accepts(self, sample: Sample) -> bool:
        """Whether the values, or those of the page they are in, are of that kind."""
        return any(map(self.fits, (sample, *map(sample.under, self.keys))))

    def read(self, values: Iterator[Value]) -> Iterator[Read]:
        """The rows of every record."""
        return self.settle(each(values, self.unpack, *self.keys))
