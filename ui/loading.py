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
        done = _follow(child.stdout, bar)
        child.wait()
        errors.seek(0)
        said = errors.read()
    if child.returncode not in (0, REFUSED):
        _failed(said)
        return
    st.session_state["last-load"] = done
    st.rerun()


def last_load() -> None:
    """What the last load of this session brought, until it is closed."""
    done = st.session_state.get("last-load")
    if not done:
        return
    refused, rejected = len(done.get("refused", [])), done.get("rejected", 0)
    words = [f"{done.get('files', 0):,} files with {done.get('records', 0):,} records were loaded."]
    if done.get("again"):
        words.append(f"{done['again']:,} files were known before and changed nothing.")
    if refused or rejected:
        words.append(f"{refused:,} files and {rejected:,} records were refused; see below why.")
    if gaps := (done.get("summary") or {}).get("gaps"):
        field, hint = esc(gaps[0]["field"], 60), esc(gaps[0]["hint"], 200)
        words.append(f"Most useful to add: {field}. {hint}")
    show = st.warning if refused or rejected else st.success
    show(" ".join(words), icon=":material/upload_file:")
    if st.button("Close", type="tertiary", key="last-load-close"):
        del st.session_state["last-load"]
        st.rerun()


def _follow(lines: IO[str] | None, bar: Any) -> dict[str, Any]:
    """Draw the progress; the closing event, empty where there is none."""
    closing: dict[str, Any] = {}
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
            closing = event if event.get("event") == "done" else closing
    return closing


def _failed(said: str) -> None:
    st.error("The files could not be loaded. Nothing was changed.", icon=":material/error:")
    if said.strip():
        st.code("\n".join(said.strip().splitlines()[-8:]), language=None)
