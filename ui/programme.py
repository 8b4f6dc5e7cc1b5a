"""The programme view: who moves, who is stalled, what production does under a red."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

import queries
from ui import store
from ui.links import link
from ui.readiness import VERDICTS
from ui.states import PATTERNS
from ui.store import Answer
from ui.text import esc

STAGES = {"idea": "ideas", "pilot": "in pilot", "limited": "limited", "production": "in production"}


def programme(part: str) -> Answer:
    """One part of queries.programme: exposure (with titles), funnel, standing or common."""
    frame: pl.DataFrame = getattr(store.programme(), part)
    if "pattern" in frame.columns:
        titles = {name: pattern.title for name, pattern in PATTERNS.items()}
        frame = frame.with_columns(title=pl.col("pattern").replace_strict(titles))
    return Answer(frame, ("programme", part, store.generation()))


def programme_in_words() -> None:
    """How many workflows stand where, how many are stalled, and what production runs under."""
    found = store.programme()
    inside = found.funnel.filter(pl.col("workflows") > 0)
    stages = [
        f"{n} {STAGES[stage]}" for stage, n in inside.select("stage", "workflows").iter_rows()
    ]
    stalled = found.standing["is_stalled"].sum()
    red = found.exposure.filter(pl.col("state") == "red")
    words = f"**{', '.join(stages) or 'No workflow yet'}.**"
    if stalled:
        words += f" {stalled} stalled: more than 90 days in a stage and not ready for the next."
    if red.height:
        most = red.sort("runs_share", descending=True, nulls_last=True).row(0, named=True)
        share = most["runs_share"]
        under = "an unknown share" if share is None else f"{share:.0%}"
        words += (
            f" {red.height} of 7 patterns fail in production; under"
            f" *{PATTERNS[most['pattern']].title}* run {under} of its runs."
        )
    st.markdown(words)


def standing_list() -> None:
    """Every workflow: verdict of its next gate, days in its stage, owner, what is in the way."""
    for row in store.programme().standing.iter_rows(named=True):
        colour, sign = VERDICTS.get(row["verdict"] or "", ("gray", "◌"))
        with st.container(border=True, gap="xsmall"):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.markdown(f":{colour}-badge[{sign} {row['sentence']}]", width="content")
                link(
                    "readiness",
                    f"**{esc(row['workflow'])}** ›",
                    workflow=row["workflow"],
                    gate=None,
                )
                st.caption(_where(row), width="content")
            st.text(row["first"] or "Nothing is in the way.")


def _where(row: dict[str, Any]) -> str:
    told = [esc(row["stage"])]
    if row["days_in_stage"] is not None:
        told.append(f"{row['days_in_stage']} days{', stalled' if row['is_stalled'] else ''}")
    told.append(f"owner {esc(row['owner'])}" if row["owner"] else "no owner named")
    return " · ".join(told)


def common_causes() -> None:
    """Causes that several workflows share, each one item for the platform with its workflows."""
    common = store.programme().common
    if common.is_empty():
        st.caption("No tool, model, provider or service fails a check in two workflows.")
    for row in common.iter_rows(named=True):
        check = queries.checks()[row["check_id"]]
        names, measured = row["workflows"], row["measured"]
        label = f"**{check.id} · {esc(row['subject'])}**: {len(names)} of {measured} workflows"
        link("scorecard", label, pattern=check.pattern, check=check.id, workflow=names[0])
        st.caption(f"{check.title} {esc(', '.join(names))}.")


def to_pattern_everywhere(cell: tuple[Any, ...] | None, failing: Answer) -> None:
    """The way to one pattern over all workflows."""
    if not cell:
        if failing.frame.height:
            st.caption("Choose a mark for the pattern over all workflows.")
        return
    label = f"**{PATTERNS[cell[0]].title}**: every workflow"
    link("scorecard", label, icon=":material/arrow_forward:", pattern=cell[0])
