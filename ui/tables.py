"""Tables: columns named and formatted by their unit, rows that resolve to ids, safe downloads."""

from __future__ import annotations

from typing import Any, Literal

import polars as pl
import streamlit as st

from ui.store import Answer
from ui.text import csv

MS, UTC, USD = "_ms", "_at", "_usd"
RATES = ("_rate", "_share", "share", "lo", "hi", "coverage")
MOST = 2000
LABELS = {"lo": "95% from", "hi": "95% to", "machine_ms": "Machine time", "title": "Pattern"}


def table(
    answer: Answer,
    key: str,
    *,
    show: tuple[str, ...] = (),
    ident: str | None = None,
    height: int | Literal["auto"] = "auto",
    columns: dict[str, Any] | None = None,
) -> str | None:
    """A table of the answer's columns; with `ident`, the id of the chosen row.

    The row number is turned into the id when the reader clicks, against the frame that was shown:
    the numbers of a later generation may mean other rows.
    """
    frame = answer.frame.select(show) if show else answer.frame
    widget = f"{key}-{abs(hash(answer.key))}"
    extra: dict[str, Any] = {}
    if ident:
        st.session_state[f"{key}-ids"] = answer.frame[ident].to_list()
        extra = {
            "on_select": lambda: _pick(key, widget),
            "selection_mode": "single-row",
        }
    st.dataframe(
        _shown(frame), key=widget, hide_index=True, height=height, placeholder="–",
        column_config=_config(frame) | (columns or {}), **extra,
    )  # fmt: skip
    picked = st.session_state.get(f"{key}-picked")
    return picked if ident and picked in answer.frame[ident] else None


def _pick(key: str, widget: str) -> None:
    rows = st.session_state[widget]["selection"]["rows"]
    ids = st.session_state[f"{key}-ids"]
    st.session_state[f"{key}-picked"] = ids[rows[0]] if rows else None


def rows(answer: Answer, key: str, empty: str, show: tuple[str, ...] = ()) -> None:
    """A table with a download, or one sentence when there is nothing."""
    if answer.frame.is_empty():
        st.caption(empty)
        return
    table(answer, key, show=show)
    download(key, answer)


def behind(name: str, answer: Answer) -> None:
    """The numbers behind a figure, drawn when opened, with a download."""
    fold = st.expander("Rows", on_change="rerun", key=f"rows-{name}", type="compact")
    if fold.open:
        with fold:
            table(Answer(answer.frame.head(MOST), answer.key), f"table-{name}")
            download(name, answer)


def download(name: str, answer: Answer) -> None:
    """A CSV of the whole answer in which no text can run as a formula."""
    st.download_button(
        "Download CSV", lambda: csv(answer.frame), f"{name}.csv", "text/csv",
        key=f"csv-{name}-{abs(hash(answer.key))}", icon=":material/download:", type="tertiary",
        on_click="ignore",
    )  # fmt: skip


def _shown(frame: pl.DataFrame) -> pl.DataFrame:
    """Durations in seconds and shares in per cent, so that the table can sort and format them."""
    seconds = [pl.col(c) / 1000 for c in frame.columns if c.endswith(MS)]
    shares = [pl.col(c) * 100 for c in frame.columns if _is_rate(frame, c)]
    return frame.with_columns(*seconds, *shares)


def _is_rate(frame: pl.DataFrame, column: str) -> bool:
    return column.endswith(RATES) and frame.schema[column].is_float()


def _config(frame: pl.DataFrame) -> dict[str, Any]:
    return {c: _column(frame, c) for c in frame.columns}


def _column(frame: pl.DataFrame, name: str) -> Any:
    kind, config = frame.schema[name], st.column_config
    label = LABELS.get(name) or _label(name)
    if name.endswith(MS):
        return config.NumberColumn(f"{label}, s", format="%.2f")
    if _is_rate(frame, name):
        return config.NumberColumn(f"{label}, %", format="%.1f")
    if name.endswith(USD):
        small = (frame[name].max() or 0) if frame.height else 0
        return config.NumberColumn(f"{label}, $", format="%.4f" if _below(small) else "localized")
    if isinstance(kind, pl.Datetime):
        return config.DatetimeColumn(f"{label}, UTC", format="YYYY-MM-DD HH:mm:ss")
    if kind == pl.Date:
        return config.DateColumn(label, format="YYYY-MM-DD")
    if kind.is_integer():
        return config.NumberColumn(label, format="localized")
    return config.TextColumn(label) if kind == pl.String else config.Column(label)


def _label(name: str) -> str:
    words = name.removesuffix(MS).removesuffix(UTC).removesuffix(USD).removeprefix("n_")
    return words[:1].upper() + words[1:].replace("_", " ")


def _below(value: Any) -> bool:
    return float(value) < 10
