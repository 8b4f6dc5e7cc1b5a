"""Where a value stands in a record: dotted paths, `/` for what stands around the record."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from ingest import hashes

AROUND = "/"


class Record(NamedTuple):
    """One record, its place, and the objects of the file around it, the outermost first."""

    item: Any
    around: tuple[Any, ...] = ()
    place: str = ""

    def at(self, path: str) -> Any:
        """What stands at the path, else None; `/id` is the nearest `id` around the record."""
        if not path.startswith(AROUND):
            return at(self.item, path)
        found = (at(outer, path[1:]) for outer in reversed(self.around))
        return next((f for f in found if f is not None), None)


def at(value: Any, path: str, missing: Any = None) -> Any:
    """What stands at a dotted path, else what is given for missing.

    A key may itself hold dots, a number is a place in a list, and text that holds a JSON object or
    list is looked into, as cells of a CSV hold them.
    """
    if isinstance(value, str):
        value = hashes.parse_json(value)
    if isinstance(value, dict):
        if path in value:
            return value[path]
        parts = path.split(".")
        for cut in range(len(parts) - 1, 0, -1):
            if (key := ".".join(parts[:cut])) in value:
                return at(value[key], ".".join(parts[cut:]), missing)
    if isinstance(value, list):
        key, _, rest = path.partition(".")
        if key.isdecimal() and int(key) < len(value):
            return at(value[int(key)], rest, missing) if rest else value[int(key)]
    return missing


def under(value: Any, path: str) -> Iterator[Record]:
    """Every item of the list at the path; lists on the way are entered too."""
    yield from _under(value, tuple(path.split(".")), (), "")


def _under(
    value: Any, parts: tuple[str, ...], around: tuple[Any, ...], place: str
) -> Iterator[Record]:
    if isinstance(value, str):
        value = hashes.parse_json(value)
    if isinstance(value, list):
        for number, item in enumerate(value):
            here = f"{place}[{number}]"
            if parts:
                yield from _under(item, parts, around, here)
            else:
                yield Record(item, around, here)
        return
    if not parts:
        if value is not None:
            yield Record(value, around, place)
        return
    for cut in range(len(parts), 0, -1):
        key = ".".join(parts[:cut])
        if isinstance(value, dict) and key in value:
            here = f"{place}.{key}" if place else key
            yield from _under(value[key], parts[cut:], (*around, value), here)
            return
