"""One check of one workflow: what it says, what to do, what is read beside it, its rows."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import polars as pl
import streamlit as st

import queries
from ui import store, tables
from ui.cards import card
from ui.checks import GATES, in_words, results
from ui.links import link
from ui.states import LEVELS, PATTERNS, SIGNS, badge, shown, signed
from ui.store import Answer
from ui.text import esc, weeks

FIRST_SHOWN = 8
PASSED = "passed: "
LEADING = re.compile(r"[-+]?[\d.,]+%?")
MOMENT = timedelta(microseconds=1)
EFFECTS = {
    "not_met": "blocks",
    "not_provable": "is not proven for",
    "condition": "is a condition for",
    "met": "is met for",
}


def check_result(workflow: str, check_id: str) -> dict[str, Any] | None:
    """The newest result of a check on a workflow; None where there is none."""
    found = results(workflow).frame.filter(check_id=check_id)
    return found.row(0, named=True) if found.height else None


def verdict_of_check(result: dict[str, Any], cells: Answer, evidence: pl.DataFrame) -> None:
    """State and since when, the number and its limits, what to do and who, effect on the gates."""
    check = queries.checks()[result["check_id"]]
    level = LEVELS.get(result["evidence_level"], "not known")
    st.markdown(
        f"{badge(shown(result))} :gray-badge[{GATES[check.gate]}]"
        f" :gray-badge[evidence: {level}]{_measured(cells, result)}"
    )
    spoken = queries.told(check, result)
    if spoken:
        number, bounds = spoken
        _number(number)
        st.text(f"{bounds[:1].upper()}{bounds[1:]}. {_window(result)}")
    if lacks := queries.lacking(result):
        st.text(lacks)
    st.caption(_since(result))
    _what_to_do(check, result, evidence)
    _effect(result)
    if check.header.get("about"):
        st.caption(f"How to read it: {esc(check.header['about'], 1200)}")


def _number(number: str) -> None:
    """The number large where it comes first and is no amount of money, what it counts below it."""
    value, _, rest = number.partition(" ")
    if LEADING.fullmatch(value):
        st.metric("Value", value, delta_description=esc(rest, 300) or None,
                  label_visibility="collapsed")  # fmt: skip
    else:
        st.markdown(f"### {esc(number[:1].upper() + number[1:], 400)}")


def _measured(cells: Answer, result: dict[str, Any]) -> str:
    own = cells.frame.filter(workflow=result["workflow"], pattern=result["pattern"])
    if own.is_empty():
        return ""
    row = own.row(0, named=True)
    return f" :gray-badge[{row['title']}: {row['measured']} of {row['total']} measured]"


def _window(result: dict[str, Any]) -> str:
    days = str(result["window"]).removesuffix(" d")
    share = result["coverage"]
    fields = "" if share is None or share >= 1 else f" What it needs is on {share:.0%} of the rows."
    return f"Last {days} days.{fields}"


def _since(result: dict[str, Any]) -> str:
    """For how long the check has been in its state, and what it was before."""
    history = store.fetch(
        "check_history", workflow=result["workflow"], check_id=result["check_id"]
    ).frame
    found = queries.streak(history)
    if found is None:
        return ""
    word = SIGNS[shown(result)].word
    day = f"{found.since.day} {found.since:%b %Y}"
    if found.before is None:
        return f"{word.capitalize()} since the first evaluation, {day}."
    was = SIGNS.get(found.before, SIGNS["not_measured"]).word
    return f"{word.capitalize()} for {weeks(found.weeks)}, since {day}; before that {was}."


def _what_to_do(check: queries.Check, result: dict[str, Any], evidence: pl.DataFrame) -> None:
    if queries.standing(result) in ("red", "amber"):
        st.markdown("**What to do**")
        st.text(queries.fix(check, evidence["why"].to_list()))
        st.caption(f"Who: {check.header.get('owner', PATTERNS[check.pattern].owner)}.")
    elif result["state"] == "not_measured" and check.header.get("hint"):
        st.markdown("**How to get it measured**")
        st.text(check.header["hint"])


def _effect(result: dict[str, Any]) -> None:
    """What the check means for the two gates, each a way to the gate."""
    for name, gate in store.gates().get(result["workflow"], {}).items():
        own = [line.state for line in gate.requirements if line.check_id == result["check_id"]]
        if own:
            worst = next(state for state in EFFECTS if state in own)
            others = sum(line.check_id != result["check_id"] for line in gate.those("not_met"))
            tail = f"; {others} other blocker{'s' if others != 1 else ''}" if others else ""
            label = f"It {EFFECTS[worst]} the gate to **{name}**{tail}"
            link("readiness", label, icon=":material/fact_check:",
                 workflow=result["workflow"], gate=name)  # fmt: skip


def history(result: dict[str, Any]) -> tuple[Answer, dict[str, Any]]:
    """The evaluations of a check as they are shown, and how to draw them."""
    workflow, check = result["workflow"], queries.checks()[result["check_id"]]
    answer = store.fetch("check_history", workflow=workflow, check_id=check.id)
    scale = queries.axis(check)
    frame = signed(answer.frame)
    if not scale.has_limits:
        frame = frame.with_columns(
            limit_a=pl.lit(None, pl.Float64), limit_r=pl.lit(None, pl.Float64)
        )
    made = store.fetch(
        "change_list", workflow=(workflow,), since=result["as_of"] - timedelta(weeks=12),
        until=result["as_of"] + MOMENT,
    ).frame  # fmt: skip
    changes = tuple((row["changed_at"], _change(row)) for row in made.iter_rows(named=True))
    options = {"percent": scale.percent, "both_ways": scale.both_ways, "changes": changes}
    return Answer(frame, answer.key), options


def _change(row: dict[str, Any]) -> str:
    version = f" to {row['version_to']}" if row["version_to"] else ""
    return f"{row['kind']}{version}{', a rollback' if row['is_rollback'] else ''}"


def beside(result: dict[str, Any]) -> None:
    """What is read beside a check: each is the other's loophole."""
    check = queries.checks()[result["check_id"]]
    others = [other.id for other in queries.checks().values() if check.id in other.beside]
    named = list(dict.fromkeys((*check.beside, *others)))
    for place, name in zip(st.columns(len(named)) if named else (), named, strict=True):
        with place, st.container(border=True, gap="xsmall", height="stretch"):
            if name == "success":
                _success(result["workflow"], result["as_of"])
            else:
                _other(result["workflow"], name)


def _other(workflow: str, check_id: str) -> None:
    check, row = queries.checks()[check_id], check_result(workflow, check_id)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(badge(shown(row) if row else None), width="content")
        label = f"Beside it: **{check.id}** {check.title} ›"
        link("scorecard", label, workflow=workflow, pattern=check.pattern, check=check.id)
    st.text(in_words(row) if row else "Not evaluated.")


def _success(workflow: str, as_of: datetime) -> None:
    """Success of the known, its bounds over all runs, and by whose word it is known."""
    found = store.fetch(
        "outcome_sources", workflow=(workflow,), since=as_of - timedelta(days=28) + MOMENT,
        until=as_of + MOMENT,
    ).frame  # fmt: skip
    known = found.filter(pl.col("outcome_source") != "none")
    runs, n, good = (int(s.sum()) for s in (found["runs"], known["runs"], known["successes"]))
    st.markdown("Beside it: **success, and what the unknown could make of it**")
    if not n:
        st.text(f"The outcome of none of {runs:,} runs is known.")
        return
    sources = ", ".join(f"{word} {count:,}" for word, count in known.select(
        "outcome_source", "runs").iter_rows())  # fmt: skip
    st.text(
        f"{good / n:.1%} of {n:,} known; between {good / runs:.1%} and"
        f" {(good + runs - n) / runs:.1%} of all {runs:,}, whatever the unknown are."
        f" Known by: {sources}."
    )


def evidence(answer: Answer) -> None:
    """The rows a check rests on: those that failed, worst first, and some that passed, apart."""
    rows = answer.frame
    if rows.is_empty():
        st.caption("This check rests on declarations or counts, not on single runs.")
        return
    passed = pl.col("why").str.starts_with(PASSED)
    left, right = st.columns([3, 2], gap="small")
    with left, card("Evidence", "Worst first. Each row opens its run at the step."):
        evidence_rows(rows.filter(~passed), "No row failed.", "failing")
        tables.download("evidence", answer)
    with right, card("For contrast", "Rows that passed, or that are listed and not counted."):
        evidence_rows(rows.filter(passed), "No row passed.", "passing")


def title_of(check_id: str) -> str:
    """The question a check asks."""
    return queries.checks()[check_id].title


def evidence_rows(rows: pl.DataFrame, empty: str, key: str) -> None:
    """Rows of evidence, each a link to its run and step; those after the eighth are folded."""
    if rows.is_empty():
        st.caption(empty)
        return
    shown_first, rest = rows.head(FIRST_SHOWN), rows.slice(FIRST_SHOWN)
    for row in shown_first.iter_rows(named=True):
        _row(row)
    if rest.height:
        fold = st.expander(f"{rest.height} more", on_change="rerun", key=key, type="compact")
        if fold.open:
            with fold:
                for row in rest.iter_rows(named=True):
                    _row(row)


def _row(row: dict[str, Any]) -> None:
    why = str(row["why"] or "no reason recorded").removeprefix(PASSED)
    at = row["observed_at"]
    when = f"{at.day} {at:%b, %H:%M} UTC" if at else ""
    if row["run_id"] is None:
        st.text(" · ".join(part for part in (why, when) if part))
        return
    where = " · ".join(part for part in (esc(row["run_id"], 24), when) if part)
    label = f"{esc(why, 240)} :gray[{where}]"
    link("run", label, icon=":material/arrow_forward:", run_id=row["run_id"], step=row["step_id"])
