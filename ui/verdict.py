"""The scorecard rolled up, and the sentence that says what needs a decision."""

from __future__ import annotations

import polars as pl
import streamlit as st

from ui import links, store
from ui.cost.budget import over
from ui.filters import Filters
from ui.states import PATTERNS, signed
from ui.store import Answer
from ui.text import esc

STAGE_ORDER = ["production", "limited", "pilot", "test", "replay"]
MOST = 6


def scorecard(filters: Filters) -> Answer:
    """One row a workflow and pattern: state, checks measured and in all; production first.

    The state is that of the newest evaluation; the period does not change it. `shown` and
    `verdict` tell a pattern that fails by an alarm whose data vanished.
    """
    frame = store.patterns().join(_held(), on=("workflow", "worst_check", "state"), how="left")
    if filters.workflow is not None:
        frame = frame.filter(pl.col("workflow").is_in(filters.workflow))
    if filters.stage is not None:
        frame = frame.filter(pl.col("stage").is_in(filters.stage))
    order = list(PATTERNS)
    named = frame.filter(pl.col("pattern").is_in(order)).with_columns(
        pl.col("pattern").replace_strict({k: p.title for k, p in PATTERNS.items()}).alias("title"),
        pl.col("pattern").replace_strict({k: p.short for k, p in PATTERNS.items()}).alias("short"),
        pl.col("pattern").replace_strict({k: i for i, k in enumerate(order)}).alias("place"),
        pl.col("stage").replace_strict(STAGES, default=len(STAGES)).alias("rank"),
    )
    key = ("scorecard", filters.workflow, filters.stage, store.generation())
    return Answer(signed(named).sort("rank", "workflow", "place"), key)


def _held() -> pl.DataFrame:
    """The checks that stay red although their data vanished."""
    found = store.fetch("check_matrix").frame.filter(pl.col("held_state") == "red")
    return found.select("workflow", "held_state", worst_check="check_id", state=pl.lit("red"))


def workflow_order() -> tuple[str, ...]:
    """Every workflow, production first, then limited, then pilots; the order of every matrix."""
    rank = pl.col("stage").replace_strict(STAGES, default=len(STAGES), return_dtype=pl.Int64)
    frame = store.fetch("workflow_list").frame.sort(rank, "workflow")
    return tuple(frame["workflow"])


ATTENTION = {"red": 0, "unproven": 1, "amber": 2, "green": 3}
STAGES = {stage: rank for rank, stage in enumerate(STAGE_ORDER)}


def worst_first(cells: Answer) -> Answer:
    """The cells in the order in which they need attention."""
    rank = pl.col("state").replace_strict(ATTENTION, default=len(ATTENTION))
    return Answer(cells.frame.sort(rank, "rank", "workflow", maintain_order=True), cells.key)


def verdict(filters: Filters) -> None:
    """What needs a decision, in one sentence, each decision a link to its evidence."""
    cells = scorecard(filters).frame
    red = cells.filter(state="red").partition_by("workflow", maintain_order=True)
    failing = [(part["workflow"][0], part["pattern"].to_list()) for part in red]
    said = [f"**{esc(name)}** {_fails(patterns)}" for name, patterns in failing[:MOST]]
    share = over(store.computed("outlook"))
    if share is not None and share > 0:
        said.append(f"**the programme** is forecast to end the month {share:.0%} over budget")
    st.markdown(_sentence(cells, len(failing), said))
    with st.container(horizontal=True, gap="small", key="decisions"):
        for name, patterns in failing[:MOST]:
            decide = PATTERNS[patterns[0]].decide
            links.link(
                "scorecard",
                f"{esc(name)}: {decide}",
                icon=":material/arrow_forward:",
                workflow=name,
                pattern=patterns[0],
            )


def _fails(patterns: list[str]) -> str:
    return " and ".join(PATTERNS[p].fails for p in patterns)


def _sentence(cells: pl.DataFrame, failing: int, said: list[str]) -> str:
    workflows = cells["workflow"].n_unique()
    if not workflows:
        return ":gray-badge[– Not evaluated] No check has been run for this selection yet."
    words = "; ".join(said)
    rest = workflows - failing
    tail = f" {_number(rest)} of {workflows} workflows have no failing pattern." if rest else ""
    if not said:
        return _nothing_fails(cells)
    count = f"{len(said)} need a decision" if len(said) > 1 else "1 needs a decision"
    return f":red-badge[■ {count}] {words}.{tail}"


def _nothing_fails(cells: pl.DataFrame) -> str:
    """Grey while anything is unproven: what was not measured is no good news."""
    count = {state: cells.filter(state=state).height for state in ("unproven", "amber")}
    if count["unproven"]:
        return (
            ":gray-badge[○ Not provable yet] No pattern is shown to fail, and"
            f" {count['unproven']} of {cells.height} cells are still to be proven."
        )
    if count["amber"]:
        return f":orange-badge[▲ Watch] No pattern is failing; {count['amber']} cells to watch."
    return ":green-badge[● No decision needed] No pattern is failing."


def _number(n: int) -> str:
    small = ("None", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")
    return small[n] if n < len(small) else str(n)
