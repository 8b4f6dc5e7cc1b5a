"""The budget in a card, a sentence, and the options of the burn-up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl
import streamlit as st

from ui import store
from ui.text import esc

Write = Callable[[float | None], str]


def projection(money: dict[str, Any]) -> dict[str, Any]:
    """What the burn-up needs of a budget: the month, the amounts in US dollars."""
    return {name: amount for name, amount in money.items() if name != "spent_usd"}


def budget_words(money: dict[str, Any], write: Write, scope: str | None = None) -> str:
    """One sentence on where the month will end, for a caption."""
    if not money or money.get("spent_usd") is None:
        return "No spend is recorded this month."
    whose = esc(scope) if scope else "all workflows"
    said = f"{money['month_start']:%B}, {whose}. {write(money['spent_usd'])} spent"
    if money.get("budget_usd"):
        said += f" of {write(money['budget_usd'])}"
    if money.get("projected_usd") is not None:
        said += f"; forecast {write(money['projected_usd'])}"
        if money.get("lo_usd") is not None:
            said += f" (90% range {write(money['lo_usd'])}–{write(money['hi_usd'])})"
        else:
            said += " (a rough guess from under 14 days of spend)"
    if not money.get("budget_usd"):
        said += ". No budget is set: declare one in budgets.yaml"
    return said.replace("$", r"\$") + "."


def over(money: dict[str, Any]) -> float | None:
    """By which share the forecast passes the budget; negative when it stays inside."""
    projected, budget = money.get("projected_usd"), money.get("budget_usd")
    return None if projected is None or not budget else projected / budget - 1


def spend_kpi(money: dict[str, Any], write: Write, scope: str | None = None) -> None:
    """Where the month will end, against the budget; the spend so far where nothing is projected."""
    spent, projected, budget = (money.get(k) for k in ("spent_usd", "projected_usd", "budget_usd"))
    share = over(money)
    note = f"vs {write(budget)}" if share is not None else "no budget set"
    days = store.fetch("budget_days", workflow=scope).frame
    month = days.filter(pl.col("day") >= money["month_start"]) if money else days
    st.metric(
        "Month-end spend",
        write(spent if projected is None else projected).replace("$", r"\$"),
        None if share is None else f"{share:+.1%}",
        delta_color="inverse",
        delta_description=note.replace("$", r"\$"),
        chart_data=month["cost_usd"].to_list() if month.height > 1 else None,
        chart_type="area",
        border=True,
        height="stretch",
        help=f"{write(spent)} spent so far in the month of the newest data, and projected to its "
        "end. Spend is the best record of each provider and day. The line is daily "
        "spend.".replace("$", r"\$"),
    )
