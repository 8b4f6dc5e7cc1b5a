"""Conditions of a declaration: `path op literal`, joined by `and`, such as `amount > 50`."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from ingest.paths import at

CLAUSE = re.compile(
    r"""\s*(?P<path>[A-Za-z_][\w-]*(?:\.[\w-]+)*)
        \s*(?P<op><=|>=|!=|==|=|<|>)
        \s*(?:(?P<number>[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
            |"(?P<double>[^"]*)"|'(?P<single>[^']*)'
            |(?P<word>[A-Za-z_][\w.-]*))
        \s*(?:(?P<end>$)|(?<=[\s"'])and(?=\s))""",
    re.VERBOSE,
)
WORDS = {"true": True, "false": False, "null": None}
ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
MISSING = object()

Literal = float | str | bool | None


class Clause(NamedTuple):
    """One comparison of what stands at a dotted path with a literal."""

    path: str
    op: str
    literal: Literal


class Condition(NamedTuple):
    """Clauses that must all hold."""

    clauses: tuple[Clause, ...]


def parse(text: str) -> Condition:
    """The condition a text states; ValueError says in words what is wrong with it.

    Literals are numbers, quoted text, true, false, null, or a single word; `=` means `==`.
    """
    clauses, start = [], 0
    while True:
        found = CLAUSE.match(text, start)
        if found is None:
            where = f': cannot read "{text[start:].strip()}"' if start else ""
            raise ValueError(
                f'"{text}" is not a condition{where}.'
                " Write `path op value`, joined by `and`, such as `amount > 50 and paid == true`"
            )
        clauses.append(_clause(found))
        if found["end"] is not None:
            return Condition(tuple(clauses))
        start = found.end()


def holds(condition: Condition, value: Any) -> bool | None:
    """Whether a JSON value meets the condition.

    None when that is unknown: a path is not in the value, or what stands there cannot be compared.
    One clause that fails decides, whatever the others are.
    """
    found = [_holds(clause, at(value, clause.path, MISSING)) for clause in condition.clauses]
    return False if False in found else None if None in found else True


def _clause(found: re.Match[str]) -> Clause:
    op = "==" if found["op"] == "=" else found["op"]
    if found["number"] is not None:
        return Clause(found["path"], op, float(found["number"]))
    if found["word"] is not None:
        return Clause(found["path"], op, WORDS.get(found["word"].lower(), found["word"]))
    quoted = found["double"] if found["double"] is not None else found["single"]
    return Clause(found["path"], op, quoted)


def _holds(clause: Clause, found: Any) -> bool | None:
    if found is MISSING or isinstance(found, dict | list):
        return None
    if clause.op in ORDERS:
        return _ordered(ORDERS[clause.op], found, clause.literal)
    same = _same(found, clause.literal)
    return same if clause.op == "==" else not same


def _same(found: Any, literal: Literal) -> bool:
    if isinstance(literal, float):
        number = _number(found)
        return number is not None and number == literal
    if isinstance(literal, bool) or literal is None:
        return found is literal
    return isinstance(found, str) and found == literal


def _ordered(compare: Callable[[Any, Any], bool], found: Any, literal: Literal) -> bool | None:
    """Numbers by size (also numbers written as text), texts such as ISO dates by alphabet."""
    if isinstance(literal, float):
        number = _number(found)
        return None if number is None else compare(number, literal)
    if isinstance(literal, str) and isinstance(found, str):
        return compare(found, literal)
    return None


def _number(found: Any) -> float | None:
    if isinstance(found, bool) or not isinstance(found, int | float | str):
        return None
    try:
        number = float(found)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
