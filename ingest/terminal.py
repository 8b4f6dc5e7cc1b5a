"""What is said at the terminal: progress, errors, formats and status; `closing.py` ends a load."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from ingest import registry
from ingest.canonical import headers
from ingest.errors import IngestError
from ingest.store.accounting import status
from ingest.store.generations import Store

UTC_Z = orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z
WRONG_ARGUMENTS = 2
out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def say(words: str) -> None:
    """One line on standard output, as it is."""
    out.print(Text(words))


def emit(event: dict[str, Any]) -> None:
    """One JSON event on standard output."""
    sys.stdout.write(orjson.dumps(event, default=str, option=UTC_Z).decode() + "\n")
    sys.stdout.flush()


def failure(error: IngestError, as_json: bool) -> typer.Exit:
    """Say why a command could not do its work; the exit it ends with."""
    if as_json:
        emit({"event": "error", "message": str(error)})
    err.print(Text(str(error)))
    return typer.Exit(WRONG_ARGUMENTS)


class Shown:
    """Progress in one of three ways: a bar, JSON lines, or silence."""

    def __init__(self, as_json: bool, bar: Progress | None) -> None:
        self.as_json, self.bar = as_json, bar
        self.task = bar.add_task("reading", total=None) if bar else None

    def step(self, name: str, done: int, total: int) -> None:
        """One more file is read."""
        if self.as_json:
            emit({"event": "file", "path": name, "done": done, "total": total})
        elif self.bar and self.task is not None:
            self.bar.update(self.task, description=name[-48:], completed=done, total=total)

    def say(self, words: str) -> None:
        """Something to know while waiting."""
        if self.as_json:
            emit({"event": "wait", "message": words})
        else:
            err.print(Text(words))


@contextmanager
def watch(progress: str) -> Iterator[Shown]:
    """A progress display for the length of a load; a bar only on a terminal."""
    if progress == "auto" and err.is_terminal:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, TimeElapsedColumn(), console=err, transient=True) as bar:
            yield Shown(False, bar)
    else:
        yield Shown(progress == "json", None)


def print_formats() -> None:
    """Every known format and how to get such a file."""
    for form in registry.by_name().values():
        if not form.NAME.startswith("canonical."):
            mark = " (from documentation)" if form.BASIS == "documentation" else ""
            out.print(Text(f"{form.NAME}{mark}", style="bold"))
            say(f"  {form.OBTAIN}")
    title = "\nCanonical files: CSV, JSON lines or Parquet with these columns"
    out.print(Text(title, style="bold"))
    for stem, (required, optional) in headers().items():
        say(f"  {stem}: {', '.join(required)} | optional: {', '.join(optional)}")


def print_status(store: Store, as_json: bool) -> None:
    """What the store holds: every source with its accounting."""
    current = store.in_force()
    state, sources = status(current)
    if as_json:
        emit({**state, "sources": sources})
        return
    say(f"{current.name}: data to {state['as_of']:%Y-%m-%d %H:%M} UTC")
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in sources[0] if sources else ():
        table.add_column(name, justify="left" if name in ("path", "format") else "right")
    for row in sources:
        table.add_row(*(f"{v:,}" if isinstance(v, int) else Text(v) for v in row.values()))
    out.print(table)
