"""Next best instrumentation: what to record next, and what it would unlock."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

import queries
from ui import store, tables
from ui.links import link
from ui.store import Answer
from ui.text import esc

MOST = 12
COLUMNS = {
    "field": st.column_config.TextColumn("What is missing", width=300),
    "gate_checks": st.column_config.NumberColumn("Gate checks", help="That wait for it."),
    "checks": st.column_config.NumberColumn("All checks", help="That wait for it."),
    "alone": st.column_config.NumberColumn(
        "Alone", help="Checks that in some workflow wait for nothing else."
    ),
    "rows_lacking": st.column_config.NumberColumn("Rows without it", format="localized"),
    "source": st.column_config.TextColumn("Where it comes from", width=420),
}


def next_fields(workflows: tuple[str, ...]) -> None:
    """The missing fields, most gate checks unlocked first; the chosen one in words."""
    answer = store.instrumentation(workflows)
    if answer.frame.is_empty():
        st.caption("Nothing is missing: every check that applies has the data it needs.")
        return
    chosen = st.container(gap="xsmall")
    lists = pl.col("check_ids", "workflows").list.join(", ")
    shown = Answer(answer.frame.with_columns(lists), answer.key)
    picked = tables.table(shown, "fields", ident="field", columns=COLUMNS)
    with chosen:
        _field(answer.frame.filter(field=picked or shown.first()["field"]).row(0, named=True))
    tables.download("instrumentation", shown)


def _field(row: dict[str, Any]) -> None:
    """One missing field: what it unlocks, where it comes from, and the workflows without it."""
    more = row["checks"] - row["gate_checks"]
    counted = ((row["gate_checks"], "gate check"), (more, "other check"))
    unlocks = " and ".join(f"{n} {noun}{'s' if n > 1 else ''}" for n, noun in counted if n)
    st.markdown(
        f"**{esc(row['field'])}.** It would unlock {unlocks}: {', '.join(row['check_ids'])}."
    )
    if row["source"]:
        st.text(row["source"])
    check = queries.checks()[row["check_ids"][0]]
    with st.container(horizontal=True, gap="small"):
        for workflow in row["workflows"][:MOST]:
            link("scorecard", f"{esc(workflow)} ›", workflow=workflow, pattern=check.pattern,
                 check=check.id)  # fmt: skip
        if len(row["workflows"]) > MOST:
            st.caption(f"and {len(row['workflows']) - MOST} more")
