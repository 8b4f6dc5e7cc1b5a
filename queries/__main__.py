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

from queries import QueryError, catalog, connect, current, nested, run
from queries.engine import Connection, find
from settings import Settings

LISTS = frozenset({"workflow", "stage", "outcome", "status", "channel", "version"})
SINGLE = frozenset({"budget_status", "budget_days", "check_history", "check_evidence_rows"})
NUMBERS = frozenset({"limit", "offset"})
TIMES = frozenset({"since", "until"})
SHOWN = 50


class Format(Enum):
    """How rows are written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def main(
    name: Annotated[str, typer.Argument(help="A query, or scorecard; without it, the list.")] = "",
    given: Annotated[list[str] | None, typer.Argument(metavar="KEY=VALUE...")] = None,
    csv: Annotated[bool, typer.Option("--csv", help="Write CSV.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Write an array of row objects.")] = False,
    store: Annotated[Path | None, typer.Option(help="The store folder.")] = None,
) -> None:
    """Answer one of the named questions: `python -m queries kpi since=2026-11-01 until=2026-12-01`.

    Lists are written a,b; what is left out is not filtered. Times are UTC.
    """
    how = Format.JSON if json else Format.CSV if csv else Format.TABLE
    try:
        if not name:
            _write(pl.DataFrame({"name": list(catalog()), "title": _titles()}), how)
            return
        params = {} if name == "scorecard" else _params(name, given or [])
        _answer(name, params, _open(store or Settings().store), how)
    except (QueryError, ValueError) as error:
        Console(stderr=True).print(str(error), markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(2) from None


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
