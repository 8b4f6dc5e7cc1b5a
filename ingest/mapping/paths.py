"""Where a value stands in a record: dotted paths, `/` for the top of the file's value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from ingest import hashes

TOP = "/"


class Record(NamedTuple):
    """One record, and the value of the file that it stands in."""

    item: Any
    whole: Any

    def at(self, path: str) -> Any:
        """What stands at the path, else None; `/id` is the `id` of the whole value."""
        if path.startswith(TOP):
            return at(self.whole, path[1:])
        return at(self.item, path)


def at(value: Any, path: str) -> Any:
    """What stands at a dotted path, else None.

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
                return at(value[key], ".".join(parts[cut:]))
    if isinstance(value, list):
        key, _, rest = path.partition(".")
        if key.isdecimal() and int(key) < len(value):
            return at(value[int(key)], rest) if rest else value[int(key)]
    return None


def under(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every item of the list at the path, with its place; lists on the way are entered too."""
    yield from _under(value, tuple(path.split(".")), "")


def _under(value: Any, parts: tuple[str, ...], place: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, str):
        value = hashes.parse_json(value)
    if isinstance(value, list):
        for number, item in enumerate(value):
            here = f"{place}[{number}]"
            if parts:
                yield from _under(item, parts, here)
            else:
                yield here, item
        return
    if not parts:
        if value is not None:
            yield place, value
        return
    for cut in range(len(parts), 0, -1):
        key = ".".join(parts[:cut])
        if isinstance(value, dict) and key in value:
            yield from _under(value[key], parts[cut:], f"{place}.{key}" if place else key)
            return
