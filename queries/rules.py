"""The checks as data: one `.sql` file each, with its policy in the header."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from queries.catalog import QueryError, read_header, whole
from queries.grading import ESTIMATORS, Limits

FOLDER = Path(__file__).with_name("checks")
GATES = ("pilot", "production", "no")
LIMITS = re.compile(r"(?P<a>[\d.]+) / (?P<r>[\d.]+)(?: from (?P<n>\d+))?")
NEED = re.compile(
    r"(?P<table>\w+)(?:\.(?P<field>\w+))?(?: \(kind=(?P<kind>\w+)\))?(?P<own> by workflow)?"
)


class Pattern(NamedTuple):
    """One of the seven reasons why pilots fail, who acts on it, and its words (patterns.toml)."""

    id: str
    title: str
    short: str
    prefix: str
    owner: str
    means: str
    fails: str
    decide: str


class Need(NamedTuple):
    """Rows of a table (of the workflow's own, or any), or a field filled on rows of a kind."""

    table: str
    field: str | None
    kind: str | None
    by_workflow: bool

    @property
    def label(self) -> str:
        """How a person names it, such as `steps.agent`."""
        return f"{self.table}.{self.field}" if self.field else self.table


class Check(NamedTuple):
    """One check: what it asks, the statement, and the policy its answer is held to."""

    id: str
    pattern: str
    title: str
    gate: str
    estimator: str
    limits: Limits
    limit_kind: str
    from_production: float | None
    needs: tuple[Need, ...]
    applies: str | None
    header: Mapping[str, str]
    sql: str

    @property
    def is_gate(self) -> bool:
        """Whether it decides its pattern; the others can only pull green to amber."""
        return self.gate == "pilot"

    @property
    def days(self) -> int:
        """Length of the window."""
        return int(self.header.get("window", 28))

    @property
    def unit(self) -> str:
        """What one subject is called, in the plural."""
        return self.header.get("unit", "rows")

    @property
    def unmeasured(self) -> str:
        """Why no data can answer it yet; empty for every check that can be measured."""
        return self.header.get("unmeasured", "")

    @property
    def beside(self) -> tuple[str, ...]:
        """What is read beside it, as each is the other's loophole: ids of checks, or `success`."""
        return tuple(part for part in self.header.get("beside", "").split(", ") if part)

    @property
    def fix(self) -> str:
        """What to do about it; `{evidence}` stands for the commonest subject that failed."""
        return self.header.get("fix", "")

    @property
    def version(self) -> str:
        """Changes whenever statement, estimator or limits do."""
        told = [self.sql, self.estimator, str(self.limits), str(self.from_production)]
        return sha256("\n".join(told).encode()).hexdigest()[:12]


@cache
def patterns() -> dict[str, Pattern]:
    """The seven patterns by id, in the order they are shown."""
    spec = tomllib.loads((FOLDER / "patterns.toml").read_text("utf-8"))
    return {name: Pattern(name, **fields) for name, fields in spec.items()}


@cache
def checks() -> dict[str, Check]:
    """Every check by id, in the order of the patterns."""
    order = list(patterns())
    found = [read_check(path) for path in sorted(FOLDER.glob("*/*.sql"))]
    found.sort(key=lambda check: (order.index(check.pattern), _number(check.id)))
    return {check.id: check for check in found}


def read_check(path: Path) -> Check:
    """One check of a file in the folder of its pattern; QueryError says what its header lacks."""
    sql = path.read_text("utf-8")
    header = read_header(sql)
    limits = _limits(header, path)
    raised = header.get("from_production")
    return Check(
        header["id"],
        path.parent.name,
        header["title"],
        header["gate"],
        header["estimator"],
        limits,
        header["limit_kind"],
        float(raised) if raised else None,
        tuple(_need(part, path) for part in header.get("needs", "").split(", ") if part),
        header.get("applies"),
        header,
        whole(sql, path),
    )


def _limits(header: Mapping[str, str], path: Path) -> Limits:
    for key in ("id", "title", "gate", "estimator", "limits", "limit_kind"):
        if key not in header:
            raise QueryError(f"{path.name}: the header has no `{key}`. Every check states it.")
    if header["estimator"] not in ESTIMATORS:
        known = ", ".join(ESTIMATORS)
        raise QueryError(f"{path.name}: no estimator {header['estimator']}. Known: {known}.")
    found = LIMITS.fullmatch(header["limits"])
    if found is None or header["gate"] not in GATES:
        raise QueryError(
            f"{path.name}: limits or gate cannot be read."
            " Write `limits: 0.01 / 0.05 from 50` and gate pilot, production or no."
        )
    is_high = header.get("good", "low") == "high"
    return Limits(float(found["a"]), float(found["r"]), float(found["n"] or 0), is_high)


def _need(text: str, path: Path) -> Need:
    match = NEED.fullmatch(text)
    if match is None:
        raise QueryError(
            f"{path.name}: needs `{text}` cannot be read."
            " Write `steps.agent (kind=agent)`, `approvals` or `budgets by workflow`."
        )
    return Need(match["table"], match["field"], match["kind"], match["own"] is not None)


def _number(check_id: str) -> int:
    return int(check_id.rpartition("-")[2])
