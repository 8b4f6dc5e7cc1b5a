"""`python -m ingest PATH...`: load files and folders into the store."""

from __future__ import annotations

import json
import sys
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from ingest import terminal
from ingest.errors import IngestError
from ingest.hashes import of_value, sha256
from ingest.pipeline import Options, ingest, preview
from ingest.registry import named
from ingest.store.generations import Store
from queries import scorecard
from settings import Settings

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
WRONG_ARGUMENTS = 2

Paths = Annotated[list[Path] | None, typer.Argument(help="Files and folders, in any mix.")]


def _zone(name: str) -> tzinfo:
    try:
        return UTC if name.upper() == "UTC" else ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise typer.BadParameter(f"{name}: no such time zone. Try Europe/Berlin or UTC.") from None


@app.command()
def main(
    paths: Paths = None,
    store: Annotated[Path | None, typer.Option(help="The store's folder.")] = None,
    format: Annotated[str | None, typer.Option(help="Read every file as this format.")] = None,
    workflow: Annotated[str | None, typer.Option(help="The workflow the runs belong to.")] = None,
    stage: Annotated[
        Literal["pilot", "limited", "production", "test", "replay"] | None,
        typer.Option(help="The stage the runs belong to."),
    ] = None,
    timezone: Annotated[str, typer.Option(help="The zone of times that name none.")] = "UTC",
    strict: Annotated[bool, typer.Option(help="Load nothing if anything is refused.")] = False,
    keep_raw: Annotated[bool, typer.Option(help="Keep the raw bytes for a rebuild.")] = True,
    dry_run: Annotated[bool, typer.Option(help="Say what would load; change nothing.")] = False,
    progress: Annotated[
        Literal["auto", "json", "none"], typer.Option(help="How to show progress.")
    ] = "auto",
    formats: Annotated[bool, typer.Option("--formats", help="List the known formats.")] = False,
    status: Annotated[bool, typer.Option("--status", help="Say what the store holds.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="With --status: as JSON.")] = False,
    hash_file: Annotated[
        Path | None, typer.Option("--hash", help="Print the hash of a payload file.")
    ] = None,
) -> None:
    """Load trace exports, cost logs, feedback records and declarations into the store."""
    folder = store or Settings().store
    try:
        if formats:
            terminal.print_formats()
        elif status:
            terminal.print_status(Store(folder), as_json)
        elif hash_file:
            terminal.say(_hash(hash_file))
        else:
            _load(paths or [], folder, _options(format, workflow, stage, timezone, strict, keep_raw),
                  progress, dry_run)
    except IngestError as error:
        terminal.fail(str(error), progress == "json")
        raise typer.Exit(WRONG_ARGUMENTS) from error


def _options(
    only: str | None, workflow: str | None, stage: str | None, zone: str, strict: bool, keep: bool
) -> Options:
    if only:
        named(only)
    return Options(only, workflow, stage, _zone(zone), strict, keep)


def _load(paths: list[Path], folder: Path, options: Options, progress: str, dry: bool) -> None:
    if not paths:
        raise IngestError("python -m ingest: no path was given. Name a file or folder to load.")
    with terminal.watch(progress) as shown:
        if dry:
            report = preview(paths, options, shown.step)
        else:
            store = Store(folder)
            report = ingest(paths, store, options, scorecard.evaluate, shown.step, shown.say)
    terminal.print_report(report, progress == "json", dry)
    if not report.is_clean:
        raise typer.Exit(1)


def _hash(path: Path) -> str:
    if not path.is_file():
        raise IngestError(f"{path}: no such file. Name the file whose hash is wanted.")
    data = path.read_bytes()
    try:
        return of_value(json.loads(data))
    except ValueError:
        return sha256(data)


if __name__ == "__main__":
    sys.exit(app(prog_name="python -m ingest"))
