"""From a mark of a figure to the runs behind it; and the choices that narrow a list of runs."""

from __future__ import annotations

from typing import Any

import streamlit as st

from ui.links import link
from ui.store import Answer
from ui.text import esc

RUN_FILTERS = {"channel", "version", "stage", "step", "tool"}


def to_failed_runs(answer: Answer, cell: tuple[Any, ...] | None, hint: str) -> None:
    """One line under a matrix: what the chosen cell says, as a link to its failed runs."""
    if not cell:
        st.caption(hint)
        return
    workflow, segment = cell
    rows = answer.frame.filter(workflow=workflow, segment=segment)
    row = rows.row(0, named=True) if rows.height else {}
    dimension = str(row.get("dimension") or "")
    narrowed = {f"runs_{dimension}": segment} if dimension in RUN_FILTERS else {}
    rate, known = row.get("success_rate"), row.get("known_runs") or 0
    said = f"{rate:.1%} of {known:,} runs succeeded" if rate is not None else f"{known:,} runs"
    label = f"**{esc(workflow)} · {esc(segment)}**: {said}. Open the failed ones"
    link("runs", label, icon=":material/arrow_forward:",
         runs_workflow=workflow, runs_view="Failed", **narrowed)  # fmt: skip


def choose(
    label: str, options: list[str], key: str, most: int | None = None
) -> tuple[str, ...] | None:
    """A choice of several that is kept in the address; None when nothing is chosen."""
    chosen = st.multiselect(
        label, options, key=key, bind="query-params", placeholder=label,
        label_visibility="collapsed", width=162, max_selections=most,
    )  # fmt: skip
    return tuple(chosen) or None


def choose_one(label: str, options: list[str], key: str, default: str | None = None) -> str:
    """A choice of one as segments, kept in the address."""
    chosen = st.segmented_control(
        label, options, default=default or options[0], required=True, key=key,
        bind="query-params", label_visibility="collapsed",
    )  # fmt: skip
    return chosen or default or options[0]


def search(label: str, key: str) -> str | None:
    """A search text that is kept in the address; None when empty."""
    found = st.text_input(
        label, key=key, bind="query-params", placeholder=label, label_visibility="collapsed",
        icon=":material/search:", width=240,
    )  # fmt: skip
    return found.strip() or None if found else None


def paged(total: int, size: int, key: str) -> int:
    """Draw the pages of a list where it has more than one; the offset of the chosen page."""
    pages = max(1, -(-total // size))
    if pages == 1:
        return 0
    chosen = st.pagination(pages, key=key, bind="query-params", max_visible_pages=7)
    return (min(max(chosen, 1), pages) - 1) * size
