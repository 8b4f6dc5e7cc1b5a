"""YAML documents as values, each with the line of its keys and items under `__lines__`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import yaml

from ingest.formats import Reject, Value

NODE_LIMIT = 200_000
# Besides its own errors, PyYAML lets through what Python raises at scalars that break their tag.
BAD_SCALAR = (AttributeError, LookupError, OverflowError, ValueError)


class _Loader(yaml.SafeLoader):
    """A safe loader that knows the line of a value that does not fit its tag."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except BAD_SCALAR as error:
            words = str(error) if isinstance(error, ValueError) else "a value does not fit its tag"
            raise yaml.MarkedYAMLError(problem=words, problem_mark=node.start_mark) from error


def documents(data: bytes) -> Iterator[tuple[str, Value | Reject]]:
    """Every document with its place, or what is wrong with the file."""
    try:
        nodes = list(yaml.compose_all(data, _Loader))
        lines = [_lines_of(node) for node in nodes]
        values = list(yaml.load_all(data, _Loader))
    except (yaml.YAMLError, RecursionError, *BAD_SCALAR) as error:
        mark = getattr(error, "problem_mark", None)
        yield f"line {mark.line + 1}" if mark else "", Reject("bad_yaml", _words(error))
        return
    for node, numbers, value in zip(nodes, lines, values, strict=True):
        place = f"line {node.start_mark.line + 1}"
        if isinstance(value, dict):
            yield place, value | {"__lines__": numbers}
        else:
            yield place, Reject("not_an_object", "a mapping of keys to values was expected.")


def _words(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "nested too deeply. Write it with fewer levels."
    if isinstance(error, yaml.YAMLError | ValueError):
        words = getattr(error, "problem", None) or str(error).partition("\n")[0]
        return f"not valid YAML ({words})."
    return "not valid YAML (a value does not fit its tag)."


def _lines_of(node: Any) -> dict[str, int]:
    """The line of every key and list item by its path; ValueError where aliases grow it too far."""
    lines = list(islice(_lines(node), NODE_LIMIT + 1))
    if len(lines) > NODE_LIMIT:
        raise ValueError(f"with its aliases it has more than {NODE_LIMIT:,} values")
    return dict(lines)


def _lines(node: Any, prefix: str = "", above: tuple[Any, ...] = ()) -> Iterator[tuple[str, int]]:
    if node in above:
        raise ValueError("an alias contains itself")
    if isinstance(node, yaml.MappingNode):
        parts = list(_keys(node))
    elif isinstance(node, yaml.SequenceNode):
        parts = [(number, item, item) for number, item in enumerate(node.value)]
    else:
        return
    for name, first, value in parts:
        path = f"{prefix}{name}"
        yield path, first.start_mark.line + 1
        yield from _lines(value, f"{path}.", (*above, node))


def _keys(node: yaml.MappingNode) -> Iterator[tuple[Any, yaml.Node, yaml.Node]]:
    """Every key with its value; a key written twice would silently lose what stood first."""
    seen: dict[str, int] = {}
    for key, value in node.value:
        name = str(key.value)
        if name in seen:
            words = f'the key "{name}" is there already, on line {seen[name]}'
            raise yaml.MarkedYAMLError(problem=words, problem_mark=key.start_mark)
        seen[name] = key.start_mark.line + 1
        yield name, key, value
