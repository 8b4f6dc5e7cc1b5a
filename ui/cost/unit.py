"""What a run and a success cost, week by week; waste and its levers; what moved the spend."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import streamlit as st

import queries
from ui import links, store
from ui.cards import Write
from ui.cost.answers import stage_note, success_days, success_of, window_of
from ui.cost.production import facts_of
from ui.cost.scope import Scope
from ui.filters import Filters
from ui.store import Answer
from ui.text import esc

MOST, CENT = 4, 0.005
STEP = {"name": pl.String, "usd": pl.Float64, "is_total": pl.Boolean, "why": pl.String}
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
    st.metric(
        "Spent for nothing", write(None if causes.is_empty() else lost).replace("$", r"\$"),
        delta_description=note, border=True, height="stretch",
        help="Failed and abandoned runs whole, and retries and repeated identical calls inside "
        "the others, over the cost of all runs.",
    )  # fmt: skip


def _each(
    name: str, now: queries.Each, before: queries.Each | None, write: Write, unit: str
) -> None:
    moved = None
    if before and before.usd and now.usd is not None:
        moved = f"{now.usd / before.usd - 1:+.1%}"
    note = f"{now.n:,} {unit}"
    if now.lo_usd is not None:
        note += f", 95%: {write(now.lo_usd)}–{write(now.hi_usd)}"
    st.metric(
        name, write(now.usd).replace("$", r"\$"), moved, delta_color="inverse", border=True,
        delta_description=note.replace("$", r"\$"), height="stretch",
        help=f"All cost in scope ÷ {unit}, interval by day; the change is against the window of "
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
        amount = f"{write(lever.month_usd)} a month"
        if lever.target_usd is not None:
            amount += f", {write(lever.target_usd)} at the declared volume"
        said = f"{amount}, {lever.share:.1%} of the cost of runs. {lever.fix}".replace("$", r"\$")
        st.markdown(f"**{lever.cause.capitalize()}**: {said}")
        with st.container(horizontal=True, gap="medium"):
            for row in runs.frame.filter(cause=lever.cause).iter_rows(named=True):
                text = f"{write(row['wasted_usd'])} · {esc(row['workflow'])}".replace("$", r"\$")
                links.link("run", text, icon=":material/arrow_forward:", run_id=row["run_id"])
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
    rows: list[tuple[str, float | None, bool, str]] = [
        (part.name, part.usd, False, part.words) for part in found.parts if abs(part.usd) >= CENT
    ]
    if found.parts:
        first = ("before", found.before_usd, True, f"{found.runs_before:,} runs")
        rows = [first, *rows, ("now", found.after_usd, True, f"{found.runs_after:,} runs")]
    frame = pl.DataFrame(rows, schema=STEP, orient="row")
    return store.answer(frame, "moves", f.since, f.until, scope.one, scope.workflow)


def moved_in_words(f: Filters, scope: Scope) -> None:
    """What each part of the move rests on, largest first, and what the parts leave open."""
    found = _moves(f, scope)
    for part in sorted(found.parts, key=lambda part: -abs(part.usd))[:MOST]:
        if abs(part.usd) >= CENT:
            st.markdown(f"**{part.name}**: {esc(part.words)}")
    for note in found.notes:
        st.caption(esc(note))
