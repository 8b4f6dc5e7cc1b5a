"""The four answers: within budget, when it is spent, what a success costs, what production will."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

import queries
from ui import store
from ui.cards import Write, amount, fact, kpi
from ui.cost.budget import month_end_kpi
from ui.cost.production import facts_of, prospects_in_words
from ui.cost.scope import Scope
from ui.filters import Filters
from ui.text import day, esc


def answers(f: Filters, scope: Scope, write: Write) -> None:
    """Four cards in one row."""
    money = scope.outlook()
    stage_note(f)
    with st.grid(4, min_column_width=200, gap="small"):
        month_end_kpi(money, write)
        _crossing(money)
        _success(f, scope, write)
        _production(scope, write)


def stage_note(f: Filters) -> None:
    """Say that the stage chosen above does not narrow money."""
    if f.stage:
        st.caption("Bills know no stages: amounts here are of all. The Cost page splits by stage.")


def _crossing(money: queries.Outlook | None) -> None:
    crosses = money.crosses if money else None
    value, note = "–", "no budget set"
    if money and crosses:
        value, note = _when(money, crosses), _range(money, crosses)
    elif money and money.unconverted:
        note = "the budget has no rate"
    fact(
        "Budget is spent on", value, note,
        "The first day on which the spend of the period passes the budget; the earliest and latest "
        "day by the 90% range of the forecast.",
    )  # fmt: skip


def _when(money: queries.Outlook, crosses: queries.Crossing) -> str:
    return day(crosses.on) if crosses.on else f"not this {money.period}"


def _range(money: queries.Outlook, crosses: queries.Crossing) -> str:
    if crosses.is_past:
        return "already spent"
    if crosses.earliest is None:
        return "no range yet" if money.hi_usd is None else "the 90% range stays inside"
    latest = day(crosses.latest) if crosses.latest else f"not this {money.period}"
    return f"between {day(crosses.earliest)} and {latest}"


def _success(f: Filters, scope: Scope, write: Write) -> None:
    found = success_of(f, scope)
    each = found.per_success
    amount(
        "A success costs", each.usd, each.ends, write, note=f"{each.n:,} successes",
        about="All cost ÷ successes on the complete days of "
        f"{f.words()}: failed and abandoned runs, retries, review by people, fixed cost, charges "
        "beyond the runs. Interval by day."
        + "".join(f" Not in it: {esc(silence)}" for silence in found.silences),
    )  # fmt: skip


def _production(scope: Scope, write: Write) -> None:
    value, note = _month_of(scope.one, write) if scope.one else prospects_in_words()
    fact(
        "In production", value, note,
        "A month at the declared volume: runs, infrastructure, review; whether it fits the budget "
        "at 1×, 5× and 10× the infrastructure. The Production page has the sliders.",
    )  # fmt: skip


def _month_of(workflow: str, write: Write) -> tuple[str, str]:
    facts = facts_of(workflow)
    if facts is None:
        return "–", "no run in four weeks"
    found = queries.project(facts)
    value = f"{write(found.bill.monthly_usd)} a month" if found.bill else "–"
    return value, found.fit.answer or "not provable yet"


def window_of(f: Filters, scope: Scope) -> tuple[datetime, datetime, tuple[str, ...] | None]:
    """Since when, until when and for which workflows something is asked; never beyond the data."""
    as_of: datetime = store.fetch("store_summary").first()["as_of"]
    return f.since, min(f.until, as_of), (scope.one,) if scope.one else scope.workflow


def success_days(f: Filters, scope: Scope) -> store.Answer:
    """What each complete day cost and brought, of the one workflow looked at or the filter."""
    since, until, workflow = window_of(f, scope)
    return store.fetch("success_days", since=since, as_of=until, workflow=workflow)


def success_of(f: Filters, scope: Scope) -> queries.Success:
    """Cost of a run and of a success in the window."""
    return queries.success(success_days(f, scope).frame)


def success_kpi(f: Filters, write: Write, change: Write) -> None:
    """What a success costs in all, its change and its days; of the workflows filtered for."""
    scope = Scope("workflow", None, f.workflow)
    now = success_of(f, scope).per_success
    before = success_of(f.previous(), scope).per_success.usd if f.compare else None
    daily = queries.success_over(success_days(f, scope).frame, "1d")
    kpi(
        "Cost per success", now.usd, before, write, change, good="down",
        series=daily["usd"].to_list(),
        about=f"All cost of complete days ÷ {now.n:,} successes, of all stages: runs, review, "
        "fixed cost and charges beyond the runs. The Unit cost page has its parts.",
    )  # fmt: skip
