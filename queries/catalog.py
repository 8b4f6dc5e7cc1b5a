"""The named questions: every `.sql` file here and in folders of a topic, and what they return.

A question builds on shared parts, `uses: spent, allowed` in its header: those stand in front of it.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
PARTS = HERE / "parts"
ASKED_ELSEWHERE = (PARTS, HERE / "checks")
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


def whole(sql: str, path: Path) -> str:
    """The statement of a file with the shared parts that its header uses in front of it."""
    own = statement(sql)
    uses = read_header(sql).get("uses", "")
    parts = [f"{name} as (\n{_part(name, path)}\n)" for name in uses.split(", ") if name]
    if not parts:
        return own
    own = own.lstrip()
    rest = f",\n{own[len('with ') :]}" if own.startswith("with ") else f"\n{own}"
    return "with " + ",\n".join(parts) + rest


def _part(name: str, path: Path) -> str:
    source = PARTS / f"{name}.sql"
    if not source.is_file():
        known = ", ".join(sorted(part.stem for part in PARTS.glob("*.sql")))
        raise QueryError(f"{path.name}: uses no part that exists, {name}. Known parts: {known}.")
    return statement(source.read_text("utf-8")).strip()


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
        whole(sql, path),
        frozenset(PARAMETER.findall(whole(sql, path))),
        read_columns(header.get("returns", "")),
        header.get("about", ""),
    )


@cache
def catalog() -> dict[str, Query]:
    """Every named question, by name."""
    files = [path for path in HERE.rglob("*.sql") if not set(ASKED_ELSEWHERE) & set(path.parents)]
    return {path.stem: _read(path) for path in sorted(files, key=lambda path: path.stem)}
