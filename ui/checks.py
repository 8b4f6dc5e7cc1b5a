"""The scorecard's way down: workflow, pattern, check, evidence."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

import queries
from ui import store
from ui.links import link
from ui.patterns import PATTERNS
from ui.store import Answer
from ui.text import esc

BADGES = {
    "green": ":green-badge[● clear]",
    "amber": ":orange-badge[▲ watch]",
    "red": ":red-badge[■ failing]",
    "unproven": ":gray-badge[◌ unproven]",
    "insufficient": ":gray-badge[◌ too few]",
    "stale": ":gray-badge[◌ stale]",
    "not_measured": ":gray-badge[– not measured]",
    "not_applicable": ":gray-badge[– not applicable]",
    "waived": ":violet-badge[◇ waived]",
}
LEVELS = {
    "E0": "declared only",
    "E1": "observed, thin",
    "E2": "observed, solid",
    "E3": "borne out by another record",
}


def verdict_word(state: str) -> str:
    """Symbol and word of a state, without its colour."""
    return BADGES.get(state, BADGES["not_measured"]).partition("[")[2].rstrip("]")


def trail(workflow: str | None, pattern: str | None, check: str | None) -> None:
    """Where in the scorecard the reader is, each level a way back up."""
    up = {"workflow": None, "pattern": None, "check": None}
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        link("scorecard", "All workflows", icon=":material/grid_view:", **up)
        if workflow:
            link("scorecard", f"› {esc(workflow)}", **(up | {"workflow": workflow}))
        if workflow and pattern:
            below = up | {"workflow": workflow, "pattern": pattern}
            link("scorecard", f"› {PATTERNS[pattern].title}", **below)
        if check:
            st.markdown(f"› **{esc(check)}**", width="content")


def pattern_list(cells: Answer, workflow: str) -> None:
    """The seven patterns of a workflow, each with its state and its worst check in words."""
    for row in cells.frame.filter(workflow=workflow).iter_rows(named=True):
        with st.container(border=True, gap="xsmall"):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.markdown(f"{BADGES[row['state']]} **{row['title']}**", width="content")
                link("scorecard", _built(row), workflow=workflow, pattern=row["pattern"])
            st.text(row["sentence"])


def _built(row: dict[str, Any]) -> str:
    return f"{row['measured']} of {row['built']} checks measured; {row['total']} planned ›"


def check_list(workflow: str, pattern: str) -> None:
    """The checks of a pattern: state, question, number with interval and limit, or what lacks."""
    found = store.fetch("check_matrix").frame.filter(workflow=workflow, pattern=pattern)
    results = {row["check_id"]: row for row in found.iter_rows(named=True)}
    own = [check for check in queries.checks().values() if check.pattern == pattern]
    st.caption(
        f"{PATTERNS[pattern].means} {len(own)} of {queries.patterns()[pattern].planned} checks "
        "of this pattern are built."
    )
    for check in own:
        result = results.get(check.id)
        with st.container(border=True, gap="xsmall"):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                state = BADGES[result["state"]] if result else BADGES["not_measured"]
                kind = "decides" if check.is_gate else "advises"
                st.markdown(f"{state} **{check.id}** · {kind}", width="content")
                link("scorecard", "Evidence ›", workflow=workflow, pattern=pattern, check=check.id)
            st.text(queries.about(check, result) if result else f"{check.title} Not evaluated.")


def check_result(workflow: str, check_id: str) -> dict[str, Any] | None:
    """The newest result of a check on a workflow; None where there is none."""
    found = store.fetch("check_matrix").frame.filter(workflow=workflow, check_id=check_id)
    return found.row(0, named=True) if found.height and check_id in queries.checks() else None


def verdict_of_check(result: dict[str, Any], evidence: pl.DataFrame) -> None:
    """State, number, limits with their kind, and what to do."""
    check = queries.checks()[result["check_id"]]
    level = LEVELS.get(result["evidence_level"], result["evidence_level"])
    st.markdown(BADGES[result["state"]])
    st.text(queries.about(check, result))
    st.caption(f"Last {result['window']}. Evidence: {level}. Formula {result['formula_version']}.")
    if result["state"] in ("red", "amber"):
        st.markdown("**What to do**")
        st.text(queries.fix(check, evidence["why"].to_list()))
        st.caption(f"Who: {check.header.get('owner', 'not said')}.")
    elif check.header.get("hint") and result["value"] is None:
        st.markdown("**How to get it measured**")
        st.text(check.header["hint"])
    if check.header.get("about"):
        st.caption(check.header["about"])
