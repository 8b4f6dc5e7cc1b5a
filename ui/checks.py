"""The scorecard's way down: all workflows, one pattern, one workflow, one of both."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

import queries
from ui import store
from ui.links import link
from ui.states import PATTERNS, SIGNS, badge, colours, shown, signed
from ui.store import Answer
from ui.text import esc

GATES = {"pilot": "decides", "production": "decides in production", "no": "advises"}
UP = {"workflow": None, "pattern": None, "check": None}


def trail(workflow: str | None, pattern: str | None, check: str | None) -> None:
    """Where in the scorecard the reader is, each level a way back up."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        link("scorecard", "All workflows", icon=":material/grid_view:", **UP)
        if workflow:
            link("scorecard", f"› {esc(workflow)}", **(UP | {"workflow": workflow}))
        if pattern:
            below = UP | {"workflow": workflow, "pattern": pattern}
            link("scorecard", f"› {PATTERNS[pattern].title}", **below)
        if check:
            st.markdown(f"› **{esc(check)}**", width="content")


def two_columns() -> Any:
    """Two cards a row where there is room, one on a phone."""
    return st.grid(2, min_column_width=330, gap="small")


def results(workflow: str | None = None, pattern: str | None = None) -> Answer:
    """The newest result of every check, as it is shown, of one workflow or pattern or of all."""
    answer = store.fetch("check_matrix")
    wanted = {"workflow": workflow, "pattern": pattern}
    given = {name: value for name, value in wanted.items() if value is not None}
    frame = answer.frame.filter(**given) if given else answer.frame
    own = frame.filter(pl.col("check_id").is_in(list(queries.checks())))
    return Answer(signed(own), (*answer.key, workflow, pattern))


def in_words(row: dict[str, Any]) -> str:
    """The number of a check with interval and limit, or what it lacks."""
    check = queries.checks()[row["check_id"]]
    lacks, spoken = queries.lacking(row), queries.told(check, row)
    number = f"{spoken[0]} ({spoken[1]})." if spoken else ""
    return f"{number} {lacks}".strip() or "Never: no day to count from."


def pattern_list(cells: Answer, workflow: str) -> None:
    """The seven patterns of a workflow: state, the signs of its checks, its worst one in words."""
    found = results(workflow).frame
    grid = two_columns()
    for row in cells.frame.filter(workflow=workflow).iter_rows(named=True):
        own = found.filter(pattern=row["pattern"])
        with grid, st.container(border=True, gap="xsmall", height="stretch"):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.markdown(f"{badge(row['shown'])} **{row['title']}**", width="content")
                st.markdown(colours(own["shown"].to_list()), width="content")
                label = f"{row['measured']} of {row['total']} checks measured ›"
                link("scorecard", label, workflow=workflow, pattern=row["pattern"])
            st.text(row["sentence"])


def check_list(workflow: str, pattern: str) -> None:
    """The checks of a pattern: state, question, number with interval and limit, or what lacks."""
    found = {row["check_id"]: row for row in results(workflow, pattern).frame.to_dicts()}
    grid = two_columns()
    for check in checks_of(pattern):
        row = found.get(check.id)
        with grid, st.container(border=True, gap="xsmall", height="stretch"):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.markdown(badge(shown(row) if row else None), width="content")
                label = f"**{check.id}** {check.title} ›"
                link("scorecard", label, workflow=workflow, pattern=pattern, check=check.id)
                st.caption(GATES[check.gate], width="content")
            st.text(in_words(row) if row else "Not evaluated.")


def checks_of(pattern: str) -> list[queries.Check]:
    """The checks of a pattern in their order."""
    return [check for check in queries.checks().values() if check.pattern == pattern]


def across(cells: Answer, pattern: str) -> Answer:
    """The checks of a pattern in the workflows of some cells, in their order, with their words."""
    found = results(pattern=pattern)
    titles = {check.id: check.title for check in queries.checks().values()}
    order = {name: place for place, name in enumerate(titles)}
    own = cells.frame.filter(pattern=pattern).select("workflow", "rank")
    frame = (
        own.join(found.frame, on="workflow")
        .with_columns(
            title=pl.col("check_id").replace_strict(titles),
            place=pl.col("check_id").replace_strict(order),
        )
        .sort("rank", "workflow", "place")
    )
    words = [in_words(row) for row in frame.iter_rows(named=True)]
    return Answer(frame.with_columns(sentence=pl.Series(words, dtype=pl.String)), (
        *found.key, cells.key,
    ))  # fmt: skip


def pattern_links(cells: Answer) -> None:
    """The seven patterns, each with how many workflows are in which state."""
    for pattern in PATTERNS.values():
        states = cells.frame.filter(pattern=pattern.id)["shown"].to_list()
        counts = [f":{SIGNS[s].colour}[{SIGNS[s].symbol}] {states.count(s)}"
                  for s in SIGNS if s in states]  # fmt: skip
        link("scorecard", f"{pattern.title} › {' '.join(counts)}", workflow=None,
             pattern=pattern.id)  # fmt: skip


def pattern_across(cells: Answer, pattern: str) -> None:
    """One pattern in every workflow: how many are in which state, and the worst check of each."""
    own = cells.frame.filter(pattern=pattern)
    counts = own.group_by("shown", maintain_order=True).len()
    told = [f"{badge(state)} {n}" for state, n in counts.iter_rows()]
    st.markdown(" ".join(told) or "No workflow has been evaluated.")
    grid = two_columns()
    for row in own.iter_rows(named=True):
        with grid, st.container(border=True, gap="xsmall", height="stretch"):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.markdown(badge(row["shown"]), width="content")
                label = f"**{esc(row['workflow'])}** ›"
                link("scorecard", label, workflow=row["workflow"], pattern=pattern)
                st.caption(f"{row['measured']} of {row['total']} measured", width="content")
            st.text(row["sentence"])


def weeks(workflow: str, pattern: str) -> Answer:
    """The states of the checks of a pattern at every evaluation, in the order of the checks."""
    answer = store.fetch("check_history", workflow=workflow)
    order = {check.id: place for place, check in enumerate(checks_of(pattern))}
    own = answer.frame.filter(pl.col("check_id").is_in(list(order)))
    frame = signed(own).sort(pl.col("check_id").replace_strict(order), "as_of")
    return Answer(frame, (*answer.key, pattern))
