"""Ask a named question from the command line."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import orjson
import polars as pl
import typer
from rich.console import Console
from rich.table import Table

from queries import QueryError, catalog, connect, current, gates, nested, run
from queries.engine import Connection, find
from settings import Settings

LISTS = frozenset({"workflow", "stage", "outcome", "status", "channel", "version"})
SINGLE = frozenset({"check_history", "check_evidence_rows"})
NUMBERS = frozenset({"limit", "offset"})
TIMES = frozenset({"since", "until"})
SHOWN = 50
PASSING = ("ready", "ready_with_conditions")


class Format(Enum):
    """How rows are written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


class Stage(Enum):
    """The stage a gate leads to."""

    LIMITED = "limited"
    PRODUCTION = "production"


def main(
    name: Annotated[str, typer.Argument(help="A query, or scorecard; without it, the list.")] = "",
    given: Annotated[list[str] | None, typer.Argument(metavar="KEY=VALUE...")] = None,
    csv: Annotated[bool, typer.Option("--csv", help="Write CSV.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Write an array of row objects.")] = False,
    gate: Annotated[Stage | None, typer.Option(help="Ask the gate to this stage.")] = None,
    workflow: Annotated[str, typer.Option(help="With --gate: of which workflow.")] = "",
    store: Annotated[Path | None, typer.Option(help="The store folder.")] = None,
) -> None:
    """Answer one of the named questions: `python -m queries kpi since=2026-11-01 until=2026-12-01`.

    Lists are written a,b; what is left out is not filtered. Times are UTC. `scorecard --gate
    production --workflow X` exits with 1 unless X is ready, with or without conditions.
    """
    how = Format.JSON if json else Format.CSV if csv else Format.TABLE
    if not name:
        _write(pl.DataFrame({"name": list(catalog()), "title": _titles()}), how)
        return
    try:
        if gate and name != "scorecard":
            raise QueryError(f"{name}: has no gate. Write `scorecard --gate {gate.value}`.")
        params = {} if name == "scorecard" else _params(name, given or [])
        connection = _open(store or Settings().store)
        if not gate or how is Format.JSON:
            _answer(name, params, connection, how)
        passed = gate is None or _passes(connection, gate.value, workflow, how)
    except (QueryError, ValueError) as error:
        Console(stderr=True).print(str(error), markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(2) from None
    raise typer.Exit(0 if passed else 1)


def _passes(connection: Connection, gate: str, workflow: str, how: Format) -> bool:
    """Say the verdict of a gate and what is behind it; whether the workflow may pass."""
    found = gates(connection)
    if workflow not in found:
        known = ", ".join(found) or "none"
        raise QueryError(f"{workflow or '--workflow'}: no such workflow. Known: {known}.")
    judged = found[workflow][gate]
    if how is not Format.JSON:
        lines = [f"{workflow}, {gate}: {judged.sentence}."]
        for state, word in (
            ("not_met", "blocker"),
            ("not_provable", "need"),
            ("condition", "condition"),
        ):
            lines += [f"  {word}: {line.text}" for line in judged.those(state)]
        sys.stdout.write("\n".join(lines) + "\n")
    return judged.verdict in PASSING


def _titles() -> list[str]:
    return [query.title for query in catalog().values()]


def _answer(name: str, params: dict[str, Any], connection: Connection, how: Format) -> None:
    if name == "scorecard" and how is Format.JSON:
        sys.stdout.write(_json(nested(connection)) + "\n")
        return
    _write(run(connection, "check_matrix" if name == "scorecard" else name, **params), how)


def _open(store: Path) -> Connection:
    path = current(store)
    if path is None or not path.exists():
        raise QueryError(f"{store}: no store there. `python -m ingest PATH` makes one.")
    return connect(path)


def _params(name: str, given: list[str]) -> dict[str, Any]:
    known = find(name).params
    params: dict[str, Any] = {}
    for word in given:
        key, equals, text = word.partition("=")
        if not equals or key not in known:
            names = ", ".join(sorted(known)) or "none"
            raise QueryError(f"{word}: no such parameter of {name}. Known parameters: {names}.")
        params[key] = _value(name, key, text)
    for key in sorted((TIMES & known) - set(params)):
        raise QueryError(f"{name}: {key} is missing. Write {key}=2026-11-01.")
    return params


def _value(name: str, key: str, text: str) -> Any:
    try:
        if key in TIMES:
            return datetime.fromisoformat(text)
        if key in NUMBERS:
            return int(text)
    except ValueError:
        kind = "time. Write 2026-11-01" if key in TIMES else "number. Write 20"
        raise QueryError(f"{key}: {text} is not a {kind}.") from None
    if key in LISTS and name not in SINGLE:
        return [part for part in text.split(",") if part]
    return text


def _write(rows: pl.DataFrame, how: Format) -> None:
    if how is Format.JSON:
        sys.stdout.write(_json(rows.to_dicts()) + "\n")
    elif how is Format.CSV:
        sys.stdout.write(rows.write_csv())
    else:
        _print(rows)


def _print(rows: pl.DataFrame) -> None:
    table = Table(*rows.columns)
    for row in rows.head(SHOWN).iter_rows():
        table.add_row(*("" if value is None else str(value) for value in row))
    console = Console()
    console.print(table, markup=False)
    if rows.height > SHOWN:
        console.print(f"{rows.height - SHOWN} more rows. --csv or --json writes all.")


def _json(value: Any) -> str:
    return orjson.dumps(value, default=_plain, option=orjson.OPT_PASSTHROUGH_DATETIME).decode()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else str(value)


if __name__ == "__main__":
    typer.run(main)
