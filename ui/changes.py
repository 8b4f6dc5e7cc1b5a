"""What changed since the week before: success by segment, and the states of checks."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

import queries
from ui import store, tables
from ui.links import link
from ui.states import HELD, badge, words
from ui.store import Answer
from ui.text import esc, weeks

MOST = 7
OVERDUE_WEEKS = 3
RUN_FILTERS = ("channel", "version", "step", "tool")
KINDS = {
    "new red": "newly failing",
    "red unproven": "its data vanished",
    "worse": "got worse",
    "cleared red": "no longer failing",
    "better": "got better",
}


def what_changed(workflows: tuple[str, ...]) -> None:
    """At most seven segments that moved beyond chance, the checks that moved, the quiet rest."""
    moved = store.movement()
    lines = [line for line in moved.lines if line.workflow in workflows]
    for line in lines:
        _line(line)
    if moved.more:
        st.caption(f"{moved.more} more segments moved; shown are those with most failures.")
    answer = store.moved_checks()
    own = answer.frame.filter(pl.col("workflow").is_in(workflows))
    _checks(Answer(own, (*answer.key, workflows)))
    st.caption(esc(moved.quiet.sentence, 400))


def _line(line: Any) -> None:
    """One segment that moved, as a link to the runs of the week behind it."""
    fell = line.rate_to < line.rate_from
    sign = ":red[▼]" if fell else ":green[▲]"
    where = "" if line.dimension == "workflow" else f" · {esc(line.segment, 60)}"
    rates = f"{line.rate_from:.1%} → {line.rate_to:.1%}"
    label = f"{sign} **{esc(line.workflow, 60)}{where}** {rates}: open the runs of the week"
    link("runs", label, icon=":material/arrow_forward:", period="7d",
         runs_workflow=line.workflow, runs_view="Failed" if fell else None,
         **_narrowed(line))  # fmt: skip
    st.text(line.sentence)


def _narrowed(line: Any) -> dict[str, str]:
    """The filter of the run list that keeps a segment; none where the list has no such filter."""
    if line.segment.startswith("small segments of "):
        return {}
    if line.dimension == "stage":
        return {"stage": line.segment}
    return {f"runs_{line.dimension}": line.segment} if line.dimension in RUN_FILTERS else {}


def _checks(moved: Answer) -> None:
    frame = moved.frame
    if frame.is_empty():
        st.text("No check changed its state in a week, and none is failing.")
        return
    if frame["as_of_from"].null_count() == frame.height:
        failing = "1 check is" if frame.height == 1 else f"{frame.height} checks are"
        st.text(
            f"This is the first evaluation: {failing} failing, and there is no earlier one to"
            " compare with."
        )
        return
    told = frame.filter(pl.col("kind").is_in(list(KINDS)))
    for row in sorted(told.to_dicts(), key=_weight)[:MOST]:
        _check(row)
    _still(frame.filter(kind="still red"))
    fold = st.expander(
        f"All {frame.height} checks that moved or stay failing",
        on_change="rerun", key="moved-checks", type="compact",
    )  # fmt: skip
    if fold.open:
        with fold:
            _table(moved)


def _weight(row: dict[str, Any]) -> tuple[int, bool, str, str]:
    check = queries.checks().get(row["check_id"])
    advises = check is None or check.gate == "no"
    return list(KINDS).index(row["kind"]), advises, row["workflow"], row["check_id"]


def _check(row: dict[str, Any], tail: str = "") -> None:
    check = queries.checks().get(row["check_id"])
    if check is None:
        return
    was = f", was {words(row['state_from'])}" if row["state_from"] else ""
    said = tail or f"{KINDS[row['kind']]}{was}"
    state = HELD if row["kind"] == "red unproven" else row["state_to"]
    label = f"{badge(state)} **{esc(row['workflow'])}** {check.id} {check.title} {said}"
    link("scorecard", label, workflow=row["workflow"], pattern=check.pattern, check=check.id)


def _still(red: pl.DataFrame) -> None:
    """How many stay red, the oldest of them, and how many are overdue for a date or a waiver."""
    if red.is_empty():
        return
    late = red.filter(pl.col("weeks_red") > OVERDUE_WEEKS).height
    due = f" {late} for more than three weeks: each needs a date or a waiver." if late else ""
    verb = "check stays" if red.height == 1 else "checks stay"
    st.text(f"{red.height} {verb} failing.{due}")
    oldest = red.sort("weeks_red", descending=True, maintain_order=True).row(0, named=True)
    _check(oldest, f"failing for {weeks(oldest['weeks_red'])}, the longest")


def _table(moved: Answer) -> None:
    states = pl.col("state_from", "state_to").map_elements(words, return_dtype=pl.String)
    shown = moved.frame.with_columns(states)
    tables.table(Answer(shown, moved.key), "moved", show=(
        "workflow", "check_id", "kind", "state_from", "state_to", "red_since", "weeks_red",
    ))  # fmt: skip
    tables.download("moved-checks", Answer(shown, moved.key))
