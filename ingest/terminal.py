"""What a load says at the terminal: progress, the closing table, formats and status."""

from __future__ import annotations

import sys
from collections import Counter
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
from ingest.pipeline import Report
from ingest.store.accounting import status
from ingest.store.generations import Store

SHOWN = 20
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


def print_report(report: Report, as_json: bool, dry: bool) -> None:
    """The closing table of what went where, then every refusal in a sentence of its own."""
    if as_json:
        emit(_summary(report))
        return
    if report.loaded:
        out.print(_table(report))
    for words in report.refused[:SHOWN]:
        out.print(Text(f"✕ {words}", style="red"))
    if len(report.refused) > SHOWN:
        say(f"  … and {len(report.refused) - SHOWN:,} more files; the Data page lists them all")
    for loaded in report.loaded:
        for reject in loaded.rejects[:SHOWN]:
            place = f"{loaded.origin.name}, {reject['locator']}"
            out.print(Text(f"✕ {place}: {reject['reason']}", style="red"))
        if loaded.rejected > SHOWN:
            say(f"  … and {loaded.rejected - SHOWN:,} more in {loaded.origin.name}")
    for reason, n in sorted(report.ignored().items()):
        say(f"– left out: {n:,} records ({reason})")
    for skipped in report.skipped[:SHOWN]:
        say(f"– skipped: {skipped.name} ({skipped.reason})")
    if len(report.skipped) > SHOWN:
        say(f"  … and {len(report.skipped) - SHOWN:,} more")
    say(_closing(report, dry))


def _closing(report: Report, dry: bool) -> str:
    if dry:
        return "Nothing was changed: this was a dry run."
    if not (report.loaded or report.again or report.refused):
        return "Nothing to load: no data files there. `--formats` lists what can be read."
    words = []
    if report.again:
        words.append(f"{len(report.again):,} files were loaded before and change nothing.")
    if report.generation:
        at = report.as_of
        day = f"{at.day} {at:%b %Y, %H:%M} UTC" if at else "no time"
        words.append(f"Published generation {report.generation}, data to {day}.")
    return " ".join(words)


def _table(report: Report) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("format")
    for name in ("files", "records", "ignored", "rejected"):
        table.add_column(name, justify="right")
    table.add_column("rows by table")
    for form in sorted({x.format for x in report.loaded}):
        group = [x for x in report.loaded if x.format == form]
        rows = sum((Counter(x.rows_by_table) for x in group), Counter[str]())
        counts = (
            len(group),
            sum(x.records for x in group),
            sum(sum(x.ignored.values()) for x in group),
            sum(x.rejected for x in group),
        )
        held = ", ".join(f"{name} {n:,}" for name, n in sorted(rows.items()))
        table.add_row(form, *(f"{n:,}" for n in counts), held)
    return table


def _summary(report: Report) -> dict[str, Any]:
    return {
        "event": "done",
        "files": len(report.loaded),
        "again": len(report.again),
        "records": sum(x.records for x in report.loaded),
        "rejected": report.rejected,
        "refused": report.refused,
        "skipped": [f"{s.name} ({s.reason})" for s in report.skipped],
        "generation": report.generation,
        "as_of": report.as_of,
    }


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
    current = store.current()
    if current is None:
        raise IngestError(f"{store.folder}: nothing is loaded yet. Run `python -m ingest PATH`.")
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
