"""From a mark of a figure to the runs behind it."""

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
