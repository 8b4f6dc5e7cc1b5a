"""A budget in words, in a card, and as the options of the burn-up."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

import queries
from ui import store
from ui.cards import Write
from ui.store import Answer
from ui.text import day, dollars, esc

PERIODS = {"month": "Month-end spend", "week": "Week-end spend", "day": "Spend of the day"}


def days(money: queries.Outlook | None) -> Answer:
    """The days of an outlook; none before the first load."""
    frame = money.days if money else pl.DataFrame()
    return store.answer(frame, "outlook", str(money and (money.by, money.item, money.workflow)))


def budget_options(money: queries.Outlook | None) -> dict[str, Any]:
    """What the burn-up needs of an outlook: the period, and amounts in US dollars."""
    if money is None:
        return {}
    crosses = money.crosses
    return {
        "begins_on": money.period_start,
        "ends_on": money.period_end,
        "as_of_day": money.as_of_day,
        "budget_usd": money.budget_usd,
        "projected_usd": money.projected_usd,
        "lo_usd": money.lo_usd,
        "hi_usd": money.hi_usd,
        "crosses_on": crosses.on if crosses else None,
    }


def budget_caption(money: queries.Outlook | None, write: Write) -> str:
    """One sentence on where the period will end."""
    if money is None or money.spent_usd is None:
        return "No spend is recorded this month."
    whose = _whose(money)
    known_by = ", ".join(source.replace("_", " ") for source in money.sources)
    said = f"{_period(money)}, {whose}. {write(money.spent_usd)} spent, known by {known_by}"
    if money.budget_usd is not None:
        said += f"; the budget is {write(money.budget_usd)}"
    if money.projected_usd is not None:
        said += f"; forecast {write(money.projected_usd)}"
        if money.lo_usd is not None:
            said += f" (90% range {write(money.lo_usd)}–{write(money.hi_usd)})"
        else:
            said += " (a rough guess from under 14 days of spend)"
    notes = [said, *_notes(money)]
    return dollars(". ".join(notes)) + "."


def ladder(money: queries.Outlook | None) -> None:
    """When half, four fifths and all of the budget were or will be spent, one badge each."""
    with st.container(horizontal=True, gap="small"):
        for rung in money.ladder if money else ():
            st.markdown(_rung(rung), width="content")


def _rung(rung: queries.Rung) -> str:
    crossing, share = rung.crossing, f"{rung.share:.0%}"
    if crossing.is_past:
        colour = "red" if rung.share >= 1 else "orange"
        return f":{colour}-badge[■ {share} on {day(crossing.on)}]"
    when = "not expected" if crossing.on is None else f"expected on {day(crossing.on)}"
    return f":gray-badge[○ {share} {when}]"


def _whose(money: queries.Outlook) -> str:
    names = [name for name in (money.item, *(money.workflow or ())) if name]
    return ", ".join(esc(name) for name in names) or "all workflows"


def _period(money: queries.Outlook) -> str:
    if money.period == "month":
        return f"{money.period_start:%B}"
    first = day(money.period_start)
    return f"Week from {first}" if money.period == "week" else first


def _notes(money: queries.Outlook) -> list[str]:
    notes = []
    if money.projected_usd is None and money.silence:
        notes.append(f"No forecast: {money.silence.removesuffix('.').lower()}")
    elif money.priced_share is not None and money.priced_share < 1:
        notes.append(f"{1 - money.priced_share:.1%} of what was charged has no price")
    if money.restart:
        moved = f"{money.restart.moved:+.0%}"
        notes.append(f"History from {esc(money.restart.changed)}, which moved the cost {moved}")
    if money.backtest.widened > 1:
        held = f"{money.backtest.held} of {money.backtest.tried}"
        notes.append(f"Range widened: {held} weekly forecasts held")
    if money.unconverted:
        notes.append(esc(money.unconverted).removesuffix("\\."))
    elif money.budget_usd is None:
        notes.append("No budget is set: declare one in budgets.yaml")
    return notes


def month_end_kpi(money: queries.Outlook | None, write: Write) -> None:
    """Where the period will end, against the budget; spend so far where nothing is projected."""
    if money is None:
        st.metric("Month-end spend", "–", border=True, height="stretch")
        return
    shown = money.spent_usd if money.projected_usd is None else money.projected_usd
    share = over(money)
    note = "no budget set" if money.budget_usd is None else f"vs {write(money.budget_usd)}"
    days = money.days.filter(pl.col("day") >= money.period_start)
    st.metric(
        PERIODS[money.period],
        dollars(write(shown)),
        None if share is None else f"{share:+.1%}",
        delta_color="inverse",
        delta_description=dollars(note),
        chart_data=days["cost_usd"].to_list() if days.height > 1 else None,
        chart_type="area",
        border=True,
        height="stretch",
        help=f"{dollars(write(money.spent_usd))} spent so far in the period of the newest data, "
        "and projected to its end: the weekday profile of the last four weeks, 90% range. Spend is "
        "the best record of each provider and day. The line is daily spend.",
    )


def over(money: queries.Outlook | None) -> float | None:
    """By which share the forecast passes the budget; negative when it stays inside."""
    if money is None or money.projected_usd is None or not money.budget_usd:
        return None
    return money.projected_usd / money.budget_usd - 1
