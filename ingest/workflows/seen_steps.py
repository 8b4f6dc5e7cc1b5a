"""The steps of a drafted declaration: which names seen in traces become steps, and what finds them.

Rows are those of `observed.sql`. A step is found by its own name where only its own spans end in
it, else by a pattern of `match`; which span is which step is asked of the rule that loading uses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain, count
from typing import Any, NamedTuple

from ingest.declared import Declared
from ingest.workflows.document import ENDS

Row = dict[str, Any]
Key = tuple[str, str]

RARE_PERCENT = 1
MOST_STEPS = 60
LONGEST = 60
RESERVED = frozenset({*ENDS, "source", ""})


class Step(NamedTuple):
    """A step by the name it gets, the pattern that finds it if its name does not, and its row."""

    step: str
    pattern: str | None
    row: Row


def steps(names: list[Row], kinds: list[Row], runs: int) -> list[Step]:
    """The steps of the names seen in enough of the runs, in their typical order.

    What runs inside an agent that is a step is no step of its own, nor is the agent that a whole
    run is inside of, unless nothing else is left.
    """
    often = [row for row in names if is_often(row["runs"], runs)]
    parts = [row for row in often if not row["is_whole"]]
    outer = [row for row in parts if not row["is_inside"]]
    chosen = outer if len(outer) > 1 or len(parts) < 2 else parts
    chosen = sorted(chosen or often, key=lambda row: -row["runs"])[:MOST_STEPS]
    return _named(sorted(chosen, key=often.index), kinds)


def is_often(seen: int, runs: int) -> bool:
    """Whether something was seen in so many of the runs that a map should hold it."""
    return 100 * seen >= RARE_PERCENT * runs


def placed(found: list[Step], kinds: list[Row]) -> list[Row]:
    """The kinds of span that are one of the steps, each with the name of the step."""
    rows = [
        {"workflow": "", "step": s.step, "position": n, "pattern": s.pattern}
        for n, s in enumerate(found)
    ]
    declared = Declared({name: [] for name in Declared.TABLES} | {"workflow_steps": rows})
    named = ((kind, declared.step_of("", kind | {"tool": None})) for kind in kinds)
    columns = ("kind", "name", "agent", "decision")
    return [{c: kind[c] for c in columns} | {"step": step} for kind, step in named if step]


def _named(chosen: list[Row], kinds: list[Row]) -> list[Step]:
    labels: dict[str, Row] = {}
    for row in chosen:
        labels[_label(row, labels)] = row
    unclear = set(_unclear({label: _key(row) for label, row in labels.items()}, kinds))
    return [
        Step(label, None if _is_plain(label, row) and label not in unclear else _pattern(row), row)
        for label, row in labels.items()
    ]


def _label(row: Row, taken: dict[str, Row]) -> str:
    """A name of one printable line that no other step has and that means nothing else."""
    spaced = "".join(c if c.isprintable() else " " for c in row["known_as"])
    label = " ".join(spaced.split())[:LONGEST].strip()
    if label not in RESERVED | taken.keys():
        return label
    told = f"{label} ({row['family']})".strip()
    numbered = (f"{told} {n}" for n in count(2))
    return next(name for name in chain([told], numbered) if name not in taken)


def _is_plain(label: str, row: Row) -> bool:
    return label == row["known_as"] and not row["is_cut"]


def _pattern(row: Row) -> str:
    exact = re.escape(f"{row['family']}:{row['known_as']}")
    return f"{exact}.*" if row["is_cut"] else exact


def _key(row: Row) -> Key:
    return row["family"], row["known_as"]


def _unclear(owners: dict[str, Key], kinds: list[Row]) -> Iterator[str]:
    """The names by which loading would also find spans of something else."""
    for kind in kinds:
        for words in _spoken(kind):
            end = words[-LONGEST - 1 :]
            labels = (end[n + 1 :] for n, character in enumerate(end) if character == ":")
            yield from (label for label in labels if owners.get(label, _key(kind)) != _key(kind))


def _spoken(kind: Row) -> Iterator[str]:
    """What the patterns of a declaration are held against for one kind of span."""
    yield f"{kind['kind']}:{kind['name']}"
    if kind["agent"]:
        yield f"agent:{kind['agent']}"
    if kind["decision"]:
        yield f"decision:{kind['decision']}"
