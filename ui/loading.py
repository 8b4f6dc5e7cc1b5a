"""Loading files from the app: `python -m ingest` runs as a child, its progress is drawn here."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import streamlit as st

from settings import Settings
from ui.text import esc

ROOT = Path(__file__).parent.parent
REFUSED = 1


def load_demo() -> None:
    """Write the demo files beside the store and load them."""
    folder = Settings().store.absolute().parent / "demo"
    with st.spinner("Writing the demo files"):
        made = subprocess.run(
            [sys.executable, "-m", "ingest.demo", str(folder)],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
    if made.returncode:
        _failed(made.stderr)
    else:
        load(folder)


def load_files(files: Sequence[Any]) -> None:
    """Load uploaded files; their names are kept for reading only, never as a place to write to."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "uploaded"
        folder.mkdir()
        for number, file in enumerate(files):
            name = re.sub(r"[^\w.-]", "_", Path(file.name).name).lstrip(".")[-100:] or "file"
            place = folder / name
            if place.exists():
                place = folder / f"{number}-{name}"
            place.write_bytes(file.getbuffer())
        load(folder)


def load(path: Path) -> None:
    """Load a file or folder into the store, then show the new generation.

    Lines of the child that are no JSON are passed over.
    """
    target = str(Settings().store.absolute())
    command = [sys.executable, "-m", "ingest", "--progress", "json", str(path), "--store", target]
    bar = st.progress(0.0, "Reading the files")
    with (
        tempfile.TemporaryFile("w+") as errors,
        subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True
        ) as child,
    ):
        _follow(child.stdout, bar)
        child.wait()
        errors.seek(0)
        said = errors.read()
    if child.returncode not in (0, REFUSED):
        _failed(said)
        return
    refused = " Some records were refused; see below." if child.returncode == REFUSED else ""
    st.toast(f"Loaded.{refused}", icon=":material/check_circle:")
    st.rerun()


def _follow(lines: IO[str] | None, bar: Any) -> None:
    for line in lines or ():
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict):
            done, total = event.get("done"), event.get("total")
            share, count = 0.0, ""
            if isinstance(done, int) and isinstance(total, int) and total > 0:
                share, count = min(done / total, 1.0), f"{done} of {total} · "
            bar.progress(share, count + esc(event.get("path") or event.get("event") or "", 80))


def _failed(said: str) -> None:
    st.error("The files could not be loaded. Nothing was changed.", icon=":material/error:")
    if said.strip():
        st.code("\n".join(said.strip().splitlines()[-8:]), language=None)
