"""From a mark of a figure to what is behind it: runs, a pattern, a check."""

from __future__ import annotations

from typing import Any

import streamlit as st

import queries
from ui.links import link
from ui.states import PATTERNS
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


def to_pattern(cell: tuple[Any, ...] | None) -> None:
    """One line under a matrix of patterns: the way to the checks of the chosen cell."""
    if not cell:
        st.caption("Choose a cell for its checks.")
        return
    workflow, pattern = cell
    label = f"**{esc(workflow)} · {PATTERNS[pattern].title}**: open its checks"
    link("scorecard", label, icon=":material/arrow_forward:", workflow=workflow, pattern=pattern)


def to_check(workflow: str, check_id: str) -> None:
    """The way to one check of one workflow."""
    check = queries.checks()[check_id]
    label = f"**{esc(workflow)} · {check.id}** {check.title}"
    link("scorecard", label, icon=":material/arrow_forward:", workflow=workflow,
         pattern=check.pattern, check=check.id)  # fmt: skip
