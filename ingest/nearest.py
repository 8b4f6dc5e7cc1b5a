"""The sentence for a file that no format reads: what it holds, and which formats come nearest.

The names a format knows are taken from its own `accepts`: the texts in it, in the functions of
this package that it calls, and in the constants they use.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from types import CodeType, FunctionType, ModuleType
from typing import Any

from ingest import registry
from ingest.canonical import Canonical
from ingest.containers import KNOWN
from ingest.feedback import table
from ingest.formats import Format, Sample

NAME = re.compile(r"[A-Za-z_][\w.-]*")
CONTAINERS = frozenset({"json", "csv", "yaml", "parquet", "protobuf", "eval", "items", "values"})
ENTERED = "ingest."
DEEPEST = 4
SHOWN_KEYS, SHOWN_FORMATS, SHOWN_SHARED = 8, 3, 4
LINES = "__lines__"
YAML = ".yaml"
LIKE = 0.4


def sentence(sample: Sample) -> str:
    """What is in the file, the formats nearest to it, and how to have it read all the same."""
    if doubt := table.doubt(sample):
        return f"{doubt} Say it in a mapping: `python -m ingest --draft-mapping FILE` drafts one."
    keys = ", ".join(sorted(sample.columns - {LINES})[:SHOWN_KEYS])
    found = [f"no known format has these fields ({keys})."]
    near = nearest(sample)
    if near:
        listed = [f"{name} (shares {', '.join(shared[:SHOWN_SHARED])})" for name, shared in near]
        found.append(f"Nearest: {'; '.join(listed)}.")
    draft = "For a format of your own, `python -m ingest --draft-mapping FILE` drafts a mapping."
    return " ".join([*found, KNOWN, draft])


def nearest(sample: Sample) -> list[tuple[str, list[str]]]:
    """The formats that share most names with the sample, with the names, the rarest first.

    A name counts the more the fewer formats know it; one shared name that others know is no
    likeness, nor are a few of many that everyone knows. Declarations are compared with YAML only,
    and other formats with anything else.
    """
    is_yaml = sample.container == "yaml"
    known = {
        name: {n.lower() for n in names_of(form)}
        for name, form in registry.by_name().items()
        if name.endswith(YAML) == is_yaml
    }
    spread = Counter(n for names in known.values() for n in names)
    keys = {k.lower(): k for v in (dict.fromkeys(sample.columns), *sample.values) for k in _keys(v)}
    scores = []
    for name, names in known.items():
        shared = sorted(names & keys.keys(), key=lambda n: (spread[n], n))
        score = sum(1 / spread[n] for n in shared)
        is_like = score >= LIKE or 2 * len(shared) >= len(sample.columns)
        if score >= 1 or (len(shared) > 1 and is_like):
            scores.append((score, name, [keys[n] for n in shared]))
    scores.sort(key=lambda s: (-s[0], s[1]))
    return [(name, shared) for _, name, shared in scores[:SHOWN_FORMATS]]


def _keys(value: dict[str, Any]) -> Iterator[str]:
    """The keys of a record, of the objects in it and of the first item of its lists."""
    for key, held in value.items():
        yield str(key)
        found = held[0] if isinstance(held, list) and held else held
        if isinstance(found, dict):
            yield from map(str, found)


def names_of(form: Format) -> frozenset[str]:
    """The field names that a format goes by."""
    if isinstance(form, Canonical):
        return form.header.required | form.header.optional | form.header.any_of
    known_by = getattr(form, "fits", form.accepts)
    function = getattr(known_by, "__func__", known_by)
    return _names(function) if isinstance(function, FunctionType) else frozenset()


@lru_cache(maxsize=500)
def _names(function: FunctionType) -> frozenset[str]:
    texts = set(_texts_of(function, 0))
    return frozenset(t for t in texts if NAME.fullmatch(t) and t not in CONTAINERS)


def _texts_of(function: FunctionType, depth: int) -> Iterator[str]:
    for code in _codes(function.__code__):
        for constant in code.co_consts:
            if constant != function.__doc__:
                yield from _texts(constant)
        for name in code.co_names:
            yield from _texts_behind(function.__globals__.get(name), depth)


def _texts_behind(found: Any, depth: int) -> Iterator[str]:
    if isinstance(found, FunctionType):
        if depth < DEEPEST and found.__module__.startswith(ENTERED):
            yield from _texts_of(found, depth + 1)
    elif not isinstance(found, ModuleType | type):
        yield from _texts(found)


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, frozenset | set | tuple | list | dict):
        for member in value:
            yield from _texts(member)
