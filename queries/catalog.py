"""The named questions: every `.sql` file of this folder, and what its header says it returns."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
HEADER = re.compile(r"--\s?(?:(?P<key>[a-z_]+):\s)?\s*(?P<text>.*)")
PARAMETER = re.compile(r"\$([a-z_]+)")


class QueryError(Exception):
    """A question that does not exist, or that was asked with the wrong parameters."""


class Query(NamedTuple):
    """One question: name, title, statement, parameter names, and the columns it returns."""

    name: str
    title: str
    sql: str
    params: frozenset[str]
    columns: tuple[tuple[str, str], ...]
    about: str


def read_header(sql: str) -> dict[str, str]:
    """Key to text of the leading `-- key: text` comments; a line without a key goes on."""
    found: dict[str, str] = {}
    key = ""
    for line in sql.splitlines():
        match = HEADER.fullmatch(line)
        if match is None:
            break
        key = match["key"] or key
        found[key] = f"{found.get(key, '')} {match['text']}".strip()
    return found


def statement(sql: str) -> str:
    """The text below the header."""
    lines = sql.splitlines()
    first = next((i for i, line in enumerate(lines) if not line.startswith("--")), len(lines))
    return "\n".join(lines[first:])


def read_columns(returns: str) -> tuple[tuple[str, str], ...]:
    """`a bigint, b decimal(38,18)` as ((a, bigint), (b, decimal(38,18)))."""
    parts = re.split(r",\s+", returns) if returns else []
    pairs = (part.split(maxsplit=1) for part in parts)
    return tuple((name.strip('"'), kind) for name, kind in pairs)


def _read(path: Path) -> Query:
    sql = path.read_text("utf-8")
    header = read_header(sql)
    return Query(
        path.stem,
        header.get("title", ""),
        statement(sql),
        frozenset(PARAMETER.findall(statement(sql))),
        read_columns(header.get("returns", "")),
        header.get("about", ""),
    )


@cache
def catalog() -> dict[str, Query]:
    """Every named question, by name."""
    return {path.stem: _read(path) for path in sorted(HERE.glob("*.sql"))}
