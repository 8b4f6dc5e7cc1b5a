"""`--watch` and `--receive` at the terminal: what they say, and how they end."""

from __future__ import annotations

import signal
import time
from contextlib import ExitStack, suppress
from datetime import datetime
from functools import partial
from pathlib import Path

from ingest import closing, terminal
from ingest.errors import IngestError
from ingest.inbox import Inbox
from ingest.pipeline import Report
from ingest.receiving import Address, Receiver, address
from ingest.store.generations import Store
from ingest.watching import LOOK_EVERY_S, Folder, Load, Place, follow

OPEN = (
    "Warning: anyone who reaches {host} can send data here: there is no authentication."
    " Use 127.0.0.1 unless the network is yours alone."
)
SHOWN = 20
STOPPED = (
    "Stopped. What was loaded stays; what was received and is not loaded yet waits in the store."
)


def run(
    store: Store, load: Load, watched: Path | None, received: str | None, as_json: bool
) -> None:
    """Load what appears in a folder, and what is sent to an address, until Ctrl-C."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)

    say = partial(_say, as_json)
    with ExitStack() as stack, suppress(KeyboardInterrupt):
        places: list[Place] = []
        if watched:
            places.append(_folder(watched))
            say(f"Watching {watched}. Ctrl-C stops.")
        if received:
            at = address(received)
            inbox, port = _inbox(store, at, stack)
            places.append(inbox)
            say(f"Receiving OTLP at http://{at.at_port(port)}/v1/traces, logs too. Ctrl-C stops.")
            if not at.is_local:
                say(OPEN.format(host=at.host))
        for pause in follow(places, load, partial(_tell, as_json), say, LOOK_EVERY_S):
            time.sleep(pause)
    say(STOPPED)


def lines(report: Report) -> list[str]:
    """What became of a batch, a line each; refusals in sentences of their own."""
    found = [f"✕ {words}" for words in report.refused]
    for loaded in report.loaded:
        found += [
            f"✕ {loaded.origin.name}, {reject['locator']}: {reject['reason']}"
            for reject in loaded.rejects[:SHOWN]
        ]
    records = sum(x.records for x in report.loaded) - report.rejected
    words = f"{len(report.loaded):,} files loaded ({records:,} records)"
    if report.again:
        words += f", {len(report.again):,} were loaded before"
    if report.generation:
        words += f". Generation {report.generation}"
    return [*found, f"{words}."]


def _folder(path: Path) -> Folder:
    if not path.is_dir():
        raise IngestError(f"{path}: no such folder. Name the folder that files appear in.")
    return Folder(path)


def _inbox(store: Store, at: Address, stack: ExitStack) -> tuple[Inbox, int]:
    """The inbox that a receiver fills until the stack unwinds, and the port it listens on."""
    inbox = Inbox(store)
    stack.callback(inbox.close)
    receiver = Receiver(at, inbox)
    stack.callback(receiver.server_close)
    stack.callback(receiver.shutdown)
    receiver.start()
    return inbox, receiver.port


def _tell(as_json: bool, report: Report) -> None:
    """What became of a batch."""
    if as_json:
        closing.print_report(report, as_json, dry=False)
        return
    for line in lines(report):
        _say(as_json, line)


def _say(as_json: bool, words: str) -> None:
    """A line with the time of day, or an event."""
    if as_json:
        terminal.emit({"event": "wait", "message": words})
    else:
        terminal.say(f"{datetime.now():%H:%M:%S} {words}")  # noqa: DTZ005
