"""What a run and a success cost, week by week; waste and its levers; what moved the spend."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import streamlit as st

import queries
from ui import links, store
from ui.cards import Write, amount, fact
from ui.cost.answers import stage_note, success_days, success_of, window_of
from ui.cost.production import facts_of
from ui.cost.scope import Scope
from ui.cost.steps import steps
from ui.filters import Filters
from ui.store import Answer
from ui.text import dollars, esc

MOST, CENT = 4, 0.005
GUARD = (
    "No lever is a saving unless the cost of a success falls and the success rate stays inside its "
    "interval: compare both before and after."
)


def per_week(f: Filters, scope: Scope) -> Answer:
    """Cost of a success by ISO week, with its interval."""
    days = success_days(f, scope)
    return Answer(queries.success_over(days.frame, "1w"), (*days.key, "weeks"))


def target(scope: Scope) -> float | None:
    """What a success may cost in the one workflow looked at, as declared."""
    own = store.fetch("success_targets").frame.filter(workflow=scope.one or "")
    return own["target_usd"][0] if own.height else None


def waste(f: Filters, scope: Scope) -> Answer:
    """Every cause with its dollars and share of all cost of the runs."""
    found = _waste(f, scope)
    rows = found.frame.group_by("cause", "is_waste").agg(pl.col("cost_usd", "runs").sum())
    shared = rows.with_columns(share=pl.col("cost_usd") / rows["cost_usd"].sum()).sort("cause")
    return Answer(shared, ("shared", *found.key))


def _waste(f: Filters, scope: Scope) -> Answer:
    since, until, workflow = window_of(f, scope)
    return store.fetch("waste_by_cause", since=since, as_of=until, workflow=workflow)


def unit_kpis(f: Filters, scope: Scope, write: Write) -> None:
    """Cost of a run and of a success with their intervals, and the share of waste."""
    stage_note(f)
    now = success_of(f, scope)
    before = success_of(f.previous(), scope) if f.compare else None
    with st.grid(3, min_column_width=200, gap="small"):
        _each("A run costs", now.per_run, before.per_run if before else None, write, "runs")
        _each("A success costs", now.per_success, before.per_success if before else None, write,
              "successes")  # fmt: skip
        _for_nothing(waste(f, scope).frame, write)
    for silence in now.silences:
        st.caption(f"Not in it: {esc(silence)}")


def _for_nothing(causes: pl.DataFrame, write: Write) -> None:
    lost, share = causes.filter("is_waste").select(pl.col("cost_usd", "share").sum()).row(0)
    note = "no cost of a run is known" if causes.is_empty() else f"{share:.1%} of the cost of runs"
    fact(
        "Spent for nothing", write(None if causes.is_empty() else lost), note,
        "Failed and abandoned runs whole, and retries and repeated identical calls inside the "
        "others, over the cost of all runs.",
    )  # fmt: skip


def _each(
    name: str, now: queries.Each, before: queries.Each | None, write: Write, unit: str
) -> None:
    was = before.usd if before else None
    moved = f"{now.usd / was - 1:+.1%}" if was and now.usd is not None else None
    amount(
        name, now.usd, now.ends, write, note=f"{now.n:,} {unit}",
        change=moved,
        about=f"All cost in scope ÷ {unit}, interval by day; the change is against the window of "
        "the same length before.",
    )  # fmt: skip


def lever_list(f: Filters, scope: Scope, write: Write) -> None:
    """What each cause of waste costs a month, its fix, and its dearest runs."""
    since, until, workflow = window_of(f, scope)
    days = (until - since) / timedelta(days=1)
    found: list[queries.Lever] = queries.levers(_waste(f, scope).frame, days, _growth(scope))
    runs = store.fetch("waste_runs", since=since, as_of=until, workflow=workflow, limit=3)
    if not found:
        st.caption("Nothing of the cost of these runs is known to be wasted.")
    for lever in found:
        month = f"{write(lever.month_usd)} a month"
        if lever.target_usd is not None:
            month += f", {write(lever.target_usd)} at the declared volume"
        said = f"{month}, {lever.share:.1%} of the cost of runs. {lever.fix}"
        st.markdown(f"**{lever.cause.capitalize()}**: {dollars(said)}")
        with st.container(horizontal=True, gap="medium"):
            for row in runs.frame.filter(cause=lever.cause).iter_rows(named=True):
                text = f"{write(row['wasted_usd'])} · {esc(row['workflow'])}"
                links.link(
                    "run", dollars(text), icon=":material/arrow_forward:", run_id=row["run_id"]
                )
    st.caption(GUARD)


def _growth(scope: Scope) -> float | None:
    """The declared volume over the present one, of the one workflow looked at."""
    facts = facts_of(scope.one) if scope.one else None
    return facts.volume / facts.monthly_runs if facts and facts.volume else None


def _moves(f: Filters, scope: Scope) -> queries.Moves:
    workflow = (scope.one,) if scope.one else scope.workflow
    found: queries.Moves = store.computed("moves", f.since, f.until, workflow)
    return found


def moved(f: Filters, scope: Scope) -> Answer:
    """The steps from the spend of the window before to that of this one."""
    found = _moves(f, scope)
    parts = [(p.name, p.usd, p.words) for p in found.parts if abs(p.usd) >= CENT]
    before = ("before", found.before_usd, f"{found.runs_before:,} runs")
    now = ("now", found.after_usd, f"{found.runs_after:,} runs")
    key = ("moves", f.since, f.until, scope.one, scope.workflow)
    return steps([before, *parts, now] if found.parts else [], *key)


def moved_in_words(f: Filters, scope: Scope) -> None:
    """What each part of the move rests on, largest first, and what the parts leave open."""
    found = _moves(f, scope)
    for part in sorted(found.parts, key=lambda part: -abs(part.usd))[:MOST]:
        if abs(part.usd) >= CENT:
            st.markdown(f"**{part.name}**: {esc(part.words)}")
    for note in found.notes:
        st.caption(esc(note))
