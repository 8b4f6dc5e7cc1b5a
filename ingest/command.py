"""`python -m ingest PATH...`: load files and folders into the store."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, tzinfo
from functools import partial
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from ingest import closing, endless, terminal
from ingest.errors import IngestError
from ingest.files import Found, walk
from ingest.hashes import of_value, sha256
from ingest.mapping.draft import draft as draft_mapping
from ingest.pipeline import Report, ingest, preview
from ingest.reading import Options
from ingest.repricing import print_repricing, reprice
from ingest.store.generations import Store
from ingest.workflows.draft import draft as draft_workflow
from queries import scorecard
from settings import Settings

Work = Callable[[], None]

judged = partial(Options, checks=scorecard.ids)
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

Mappings = Annotated[
    list[Path] | None, typer.Option("--mapping", help="Read files as this mapping (YAML) says.")
]
Draft = Annotated[
    Path | None, typer.Option("--draft-mapping", help="Print a first mapping for a file.")
]
DraftFlow = Annotated[
    str | None, typer.Option("--draft-workflow", help="Print a first declaration of a workflow.")
]
Watch = Annotated[
    Path | None, typer.Option("--watch", help="Keep loading what appears in this folder.")
]
Receive = Annotated[
    str | None, typer.Option("--receive", help="Take OTLP/HTTP at host:port; keep loading it.")
]
Reprice = Annotated[
    bool, typer.Option("--reprice", help="Price every call anew that states no cost.")
]


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
    mapping: Mappings = None,
    draft_of: Draft = None,
    draft_flow: DraftFlow = None,
    watch: Watch = None,
    receive: Receive = None,
    anew: Reprice = False,
) -> None:
    """Load trace exports, cost logs, feedback records and declarations into the store."""
    store = Store(folder or Settings().store)
    options = judged(only, workflow, stage, _zone(zone), strict, keep_raw, tuple(mapping or ()))
    work = _question(store, formats, status, as_json, hash_file, draft_of, draft_flow) or _change(
        store, options, paths or [], dry_run, watch, receive, anew, progress
    )
    _run(work, progress == "json")


def _run(work: Work, as_json: bool) -> None:
    try:
        work()
    except IngestError as error:
        raise terminal.failure(error, as_json) from error


def _question(
    store: Store,
    formats: bool,
    status: bool,
    as_json: bool,
    hash_file: Path | None,
    draft_of: Path | None,
    draft_flow: str | None,
) -> Work | None:
    """What answers the question that was asked, None where none was."""
    if formats:
        return terminal.print_formats
    if status:
        return partial(terminal.print_status, store, as_json)
    if hash_file:
        return lambda: terminal.say(_hash(hash_file))
    if draft_of:
        return lambda: typer.echo(draft_mapping(draft_of), nl=False)
    if draft_flow is not None:
        return lambda: typer.echo(draft_workflow(store, draft_flow), nl=False)
    return None


def _change(
    store: Store,
    options: Options,
    paths: list[Path],
    dry: bool,
    watched: Path | None,
    received: str | None,
    anew: bool,
    progress: str,
) -> Work:
    """What changes the store: repricing, loading without end, or one load."""
    if not anew:
        once = partial(_load, paths, store, options, progress, dry)
        return _endless(store, options, watched, received, progress, bool(paths or dry)) or once
    if paths or dry or watched or received:
        raise typer.BadParameter("--reprice takes no paths, --dry-run, --watch or --receive.")
    return partial(_reprice, store, progress)


def _endless(
    store: Store,
    options: Options,
    watched: Path | None,
    received: str | None,
    progress: str,
    is_once: bool,
) -> Work | None:
    """Loading that goes on until it is stopped, None where that was not asked for."""
    if not watched and not received:
        return None
    if is_once:
        raise typer.BadParameter("--watch and --receive take neither paths nor --dry-run.")
    if options.strict:
        raise typer.BadParameter("--strict would stop --watch and --receive at a refused file.")

    def load(batch: list[Found]) -> Report:
        named, _ = walk(list(options.mappings))
        with terminal.watch(progress) as shown:
            return ingest(
                [*named, *batch], store, options, scorecard.evaluate, shown.step, shown.say
            )

    return partial(endless.run, store, load, watched, received, progress == "json")


def _load(paths: list[Path], store: Store, options: Options, progress: str, dry: bool) -> None:
    if not paths:
        raise IngestError("python -m ingest: no path was given. Name a file or folder to load.")
    found, skipped = walk([*options.mappings, *paths])
    with terminal.watch(progress) as shown:
        if dry:
            report = preview(found, store, options, shown.step)
        else:
            report = ingest(found, store, options, scorecard.evaluate, shown.step, shown.say)
    report.skipped = skipped
    closing.print_report(report, progress == "json", dry)
    if not report.is_clean:
        raise typer.Exit(1)


def _reprice(store: Store, progress: str) -> None:
    with terminal.watch(progress) as shown:
        done = reprice(store, scorecard.evaluate, shown.say)
    print_repricing(done, progress == "json")


def _hash(path: Path) -> str:
    if not path.is_file():
        raise IngestError(f"{path}: no such file. Name the file whose hash is wanted.")
    data = path.read_bytes()
    try:
        return of_value(json.loads(data))
    except ValueError:
        return sha256(data)
