"""Lists that were flattened into attribute names, such as `gen_ai.prompt.10.role`."""

from __future__ import annotations

from typing import Any

from ingest.fields.scalars import Attributes

DEEPEST = 12


class _Node(dict[str, Any]):
    """A level that was built here, told apart from a value that happens to be a dict."""


def nested(found: Attributes, prefix: str) -> list[Any] | None:
    """The items `prefix` + number + rest, in the order of their numbers, gaps closed; else null."""
    tree = _Node()
    for name, value in found.items():
        if name.startswith(prefix) and name[len(prefix) : len(prefix) + 1].isdecimal():
            _put(tree, name[len(prefix) :].split(".", DEEPEST), value)
    built = _built(tree)
    return built if isinstance(built, list) and built else None


def _put(node: _Node, path: list[str], value: Any) -> None:
    for part in path[:-1]:
        child = node.get(part)
        if not isinstance(child, _Node):
            child = node[part] = _Node() if child is None else _Node({"": child})
        node = child
    leaf = node.get(path[-1])
    if isinstance(leaf, _Node):
        leaf[""] = value
    else:
        node[path[-1]] = value


def _built(node: Any) -> Any:
    if not isinstance(node, _Node):
        return node
    if node and all(part.isascii() and part.isdigit() for part in node):
        return [_built(node[part]) for part in sorted(node, key=_position)]
    return {part: _built(child) for part, child in node.items()}


def _position(part: str) -> tuple[int, str]:
    digits = part.lstrip("0")
    return len(digits), digits
