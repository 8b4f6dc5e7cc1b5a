"""`python -m ingest PATH...`: load files and folders into the store."""

from __future__ import annotations

import json
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from ingest import closing, terminal
from ingest.errors import IngestError
from ingest.hashes import of_value, sha256
from ingest.pipeline import Options, ingest, preview
from ingest.registry import named
from ingest.store.generations import Store
from queries import scorecard
from settings import Settings

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


def _zone(name: str) -> tzinfo:
    try:
        return UTC if name.upper() == "UTC" else ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise typer.BadParameter(f"{name}: no such time zone. Try Europe/Berlin or UTC.") from None


Stages = Literal["pilot", "limited", "production", "test", "replay"]
Paths = Annotated[list[Path] | None, typer.Argument(help="Files and folders, in any mix.")]
Folder = Annotated[Path | None, typer.Option("--store", help="The store's folder.")]
Only = Annotated[str | None, typer.Option("--format", help="Read every file as this format.")]
Workflow = Annotated[str | None, typer.Option(help="The workflow the runs belong to.")]
Stage = Annotated[Stages | None, typer.Option(help="The stage the runs belong to.")]
Zone = Annotated[str, typer.Option("--timezone", help="The zone of times that name none.")]
Strict = Annotated[bool, typer.Option("--strict", help="Load nothing if anything is refused.")]
Raw = Annotated[bool, typer.Option(help="Keep the raw bytes, so the store can be rebuilt.")]
Dry = Annotated[bool, typer.Option("--dry-run", help="Say what would load; change nothing.")]
Shown = Annotated[Literal["auto", "json", "none"], typer.Option(help="How to show progress.")]
Formats = Annotated[bool, typer.Option("--formats", help="List the formats and how to get them.")]
Status = Annotated[bool, typer.Option("--status", help="Say what the store holds.")]
AsJson = Annotated[bool, typer.Option("--json", help="With --status: as JSON.")]
Hash = Annotated[Path | None, typer.Option("--hash", help="Print the hash of a payload file.")]


@app.command()
def main(
    paths: Paths = None,
    folder: Folder = None,
    only: Only = None,
    workflow: Workflow = None,
    stage: Stage = None,
    zone: Zone = "UTC",
    strict: Strict = False,
    keep_raw: Raw = True,
    dry_run: Dry = False,
    progress: Shown = "auto",
    formats: Formats = False,
    status: Status = False,
    as_json: AsJson = False,
    hash_file: Hash = None,
) -> None:
    """Load trace exports, cost logs, feedback records and declarations into the store."""
    store = Store(folder or Settings().store)
    try:
        if formats:
            terminal.print_formats()
        elif status:
            terminal.print_status(store, as_json)
        elif hash_file:
            terminal.say(_hash(hash_file))
        else:
            options = Options(only, workflow, stage, _zone(zone), strict, keep_raw)
            _load(paths or [], store, options, progress, dry_run)
    except IngestError as error:
        raise terminal.failure(error, progress == "json") from error


def _load(paths: list[Path], store: Store, options: Options, progress: str, dry: bool) -> None:
    if not paths:
        raise IngestError("python -m ingest: no path was given. Name a file or folder to load.")
    if options.only:
        named(options.only)
    with terminal.watch(progress) as shown:
        if dry:
            report = preview(paths, options, shown.step)
        else:
            report = ingest(paths, store, options, scorecard.evaluate, shown.step, shown.say)
    closing.print_report(report, progress == "json", dry)
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
