"""Every budget as a row, what burns too fast, and where a part of the spend leads."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl
import streamlit as st

import queries
from ui import links, store, tables
from ui.cost.scope import PARTS, Scope
from ui.store import Answer
from ui.text import esc

BAR: dict[str, Any] = {
    "name": pl.String,
    **dict.fromkeys(("budget_usd", "spent_usd", "projected_usd"), pl.Float64()),
    **dict.fromkeys(("spent_share", "projected_share", "lo_share", "hi_share"), pl.Float64()),
    **dict.fromkeys(("half_on", "four_fifths_on", "all_on", "earliest_on", "latest_on"), pl.Date()),
    "unknown": pl.String,
}
TRACED = ("version", "channel", "step", "tool", "agent")
LABELS = {value: name.lower() for name, value in PARTS.items()}


def budget_list() -> Answer:
    """Every budget: shares of it spent and forecast, and the days of its ladder; worst first."""
    outlooks: list[queries.Outlook] = store.computed("outlooks")
    rows = pl.DataFrame([_bar(money) for money in outlooks], schema=BAR)
    worst = rows.sort("projected_share", descending=True, nulls_last=True, maintain_order=True)
    return store.answer(worst, "outlooks")


def _bar(money: queries.Outlook) -> dict[str, Any]:
    budget, crosses = money.budget_usd, money.crosses
    amounts = (money.spent_usd, money.projected_usd, money.lo_usd, money.hi_usd)
    shares = [usd / budget if budget and usd is not None else None for usd in amounts]
    reached = [rung.crossing.on for rung in money.ladder] or [None] * 3
    ends = (crosses.earliest, crosses.latest) if crosses else (None, None)
    values = (_name(money), budget, *amounts[:2], *shares, *reached, *ends)
    return dict(zip(BAR, (*values, money.unconverted or money.silence or None), strict=True))


def _name(money: queries.Outlook) -> str:
    whose = "programme" if money.by is None else str(money.item)
    kind = "" if money.by in (None, "workflow") else f"{money.by} "
    return f"{kind}{whose}" + ("" if money.period == "month" else f", {money.period}")


def burn_rates() -> Answer:
    """Pace of every budget in the last hours of data, and a badge for each that fires."""
    until = store.fetch("store_summary").first()["as_of"]
    answer = store.fetch("burn_windows", since=until - timedelta(days=2), as_of=until)
    for row in answer.frame.filter("fires").iter_rows(named=True):
        hours = f"{row['long_min'] // 60} h"
        words = f"{esc(row['scope'])}: {row['pace']:.1f} times its pace in the last {hours}"
        where = {"runs_workflow": row["scope"]} if row["scope_kind"] == "workflow" else {}
        links.link("runs", f":red-badge[■ {words}]", runs_view="Costly", period="24h", **where)
    if answer.frame.height and not answer.frame["fires"].any():
        st.markdown(":green-badge[● Nothing burns too fast]")
    return answer


def split_caption(scope: Scope) -> str:
    """What the amounts of a split are known from."""
    if scope.split in TRACED:
        return "As traced; shared and untraced charges are not in it."
    return "By the best record that names it, unscaled; the rest of the bill is unattributed."


def part_links(scope: Scope, chosen: tuple[Any, ...] | None) -> None:
    """Where the part that was clicked, or is looked at, leads."""
    name = chosen[0] if chosen and chosen[0] else scope.item
    with st.container(horizontal=True, gap="medium"):
        if name and name != scope.item:
            label = f"**{esc(name)}**: spend against its budget"
            links.link("cost", label, icon=":material/arrow_upward:", cost_item=name)
        if name and scope.split == "workflow":
            links.link("runs", f"{esc(name)}: costliest runs", icon=":material/arrow_forward:",
                       runs_workflow=name, runs_view="Costly")  # fmt: skip
        if scope.item:
            links.link("cost", "The whole programme", icon=":material/undo:", cost_item=None)
        if not name:
            st.caption(f"Choose a {LABELS[scope.split]} to see its spend against its budget.")


def split_table(scope: Scope, answer: Answer) -> None:
    """The rows of a split, and what they leave out."""
    tables.table(answer.filled(label="unattributed"), "cost-split")
    tables.download(f"spend_by_{scope.split}", answer)
