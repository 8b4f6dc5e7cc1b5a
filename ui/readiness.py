"""The gates: what is met, what is not, and what cannot be told yet."""

from __future__ import annotations

import json
from collections.abc import Iterable

import polars as pl
import streamlit as st

import queries
from queries import Gate, Requirement
from queries.programme import NEXT_GATE
from ui import store, tables
from ui.checks import results, two_columns
from ui.links import link
from ui.states import PATTERNS
from ui.store import Answer
from ui.text import esc

# How a verdict and a requirement look; what is not provable never looks like what is shown bad.
VERDICTS = {
    "ready": ("green", "●"),
    "ready_with_conditions": ("orange", "▲"),
    "not_ready": ("red", "■"),
    "not_provable_yet": ("gray", "◌"),
}
STATES = {
    "not_met": ("red", "■", "not met"),
    "not_provable": ("gray", "◌", "not provable yet"),
    "condition": ("orange", "▲", "met, with a condition"),
    "met": ("green", "●", "met"),
}
STANDINGS = {
    "open": ("violet", "◇", "It holds"),
    "expired": ("red", "■", "It no longer holds:"),
    "void": ("gray", "–", "It does not hold:"),
}
PARTS = {"exposure": "Exposure", "success": "Success", "evidence": "Evidence", "review": "Review"}
ORDER = [
    "Exposure",
    "Success",
    *(p.title for p in PATTERNS.values()),
    "Checks",
    "Evidence",
    "Review",
]
LINES: dict[str, pl.DataType] = dict.fromkeys(
    ("part", "state", "verdict", "text", "check_id"), pl.String()
) | dict.fromkeys(("runs", "days"), pl.Int64())


def next_gate(stage: str) -> str:
    """The gate a workflow of that stage comes to next."""
    return NEXT_GATE.get(stage, "limited")


def next_gates(workflows: Iterable[str]) -> list[Gate]:
    """The next gate of each workflow, in their order; without those that no gate was asked of."""
    found = store.gates()
    both = [found[name] for name in workflows if name in found]
    return [own[next_gate(own["limited"].stage)] for own in both]


def gate_badge(gate: Gate) -> str:
    """The verdict with its count as Markdown."""
    colour, sign = VERDICTS[gate.verdict]
    return f":{colour}-badge[{sign} {gate.sentence}]"


def gate_counts(gates: list[Gate]) -> Answer:
    """How many requirements of each gate are in which state; for charts.gate_bars."""
    rows = [
        {"workflow": gate.workflow, "gate": gate.gate, "state": state, "verdict": STATES[state][2],
         "lines": len(gate.those(state))}
        for gate in gates for state in STATES if gate.those(state)
    ]  # fmt: skip
    names = dict.fromkeys(("workflow", "gate", "state", "verdict"), pl.String())
    key = ("gate_counts", tuple(gate.workflow for gate in gates), store.generation())
    return Answer(pl.DataFrame(rows, schema=names | {"lines": pl.Int64()}), key)


def gate_list(gates: list[Gate]) -> None:
    """Every workflow with the verdict of its next gate, and what is first in the way."""
    grid = two_columns()
    for gate in gates:
        first = next(iter(gate.those("not_met") or gate.those("not_provable")), None)
        with grid, st.container(border=True, gap="xsmall", height="stretch"):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.markdown(gate_badge(gate), width="content")
                link("readiness", f"**{esc(gate.workflow)}** ›", workflow=gate.workflow, gate=None)
                st.caption(_way(gate), width="content")
            st.text(first.text if first else "Nothing is in the way.")


def _way(gate: Gate) -> str:
    same = gate.stage == gate.gate
    return f"in {esc(gate.stage)}" if same else f"{esc(gate.stage)} → {gate.gate}"


def gate_lines(gate: Gate) -> Answer:
    """Every requirement of a gate as a row, in the order in which it is asked."""
    rows = [
        {
            "part": part_of(line), "state": line.state, "verdict": "{1} {2}".format(
                *STATES[line.state]), "text": line.text, "check_id": line.check_id,
            "runs": line.runs, "days": line.days,
        }
        for line in gate.requirements
    ]  # fmt: skip
    place = pl.col("part").replace_strict(ORDER, list(range(len(ORDER))))
    frame = pl.DataFrame(rows, schema=LINES).sort(place, maintain_order=True)
    return Answer(frame, ("gate_lines", gate.workflow, gate.gate, store.generation()))


def part_of(line: Requirement) -> str:
    """What a requirement belongs to: a pattern where it rests on a check, else its group."""
    check = queries.checks().get(line.check_id or "")
    if line.group == "checks" and check:
        return PATTERNS[check.pattern].title
    return PARTS.get(line.group, "Checks")


def gate_verdict(gate: Gate) -> None:
    """The verdict in words, and how many runs and days are still needed at least."""
    colour, sign = VERDICTS[gate.verdict]
    with st.container(key=f"verdict-{gate.verdict}", gap="xsmall"):
        st.markdown(f"## :{colour}[{sign}] {gate.sentence}")
        counts = [f"{len(gate.those(s))} {STATES[s][2]}" for s in reversed(STATES) if gate.those(s)]
        st.markdown(
            f"**{esc(gate.workflow)}**, now in stage {esc(gate.stage)}, at the gate to"
            f" {gate.gate}: {'; '.join(counts)}."
        )
        lines = gate.those("not_provable") + gate.those("not_met")
        if needed := still_needed(lines):
            st.markdown(f"Still needed at least: {needed}.")
    reasons = store.demotions().get(gate.workflow, [])
    if reasons:
        with st.container(key="verdict-step-back", gap="xsmall"):
            st.markdown("**■ Should step back to limited until one clean week:**")
            for reason in reasons:
                st.text(reason)


def still_needed(lines: list[Requirement]) -> str:
    """The most runs and days that one of the lines still needs; empty where none says."""
    runs = max((line.runs for line in lines if line.runs), default=0)
    days = max((line.days for line in lines if line.days), default=0)
    told = [
        f"{n:,} {noun}{'s' if n > 1 else ''}" for n, noun in ((runs, "run"), (days, "day")) if n
    ]
    return ", about ".join(told)


def gate_group(gate: Gate, state: str) -> None:
    """The requirements in one state, by the part they belong to; those on a check lead to it."""
    part = ""
    order = {name: place for place, name in enumerate(ORDER)}
    for line in sorted(gate.those(state), key=lambda line: order[part_of(line)]):
        if part_of(line) != part:
            part = part_of(line)
            st.markdown(f"**{part}**")
        _requirement(gate.workflow, line)


def _requirement(workflow: str, line: Requirement) -> None:
    colour, sign, _ = STATES[line.state]
    needed = still_needed([line])
    check = queries.checks().get(line.check_id or "")
    text = f"{line.text} Still needed: {needed}." if needed else line.text
    if check:
        link("scorecard", f":{colour}[{sign}] {esc(text, 600)}", workflow=workflow,
             pattern=check.pattern, check=check.id)  # fmt: skip
    else:
        st.markdown(f":small[:{colour}[{sign}] {esc(text, 600)}]")


def waivers(workflow: str) -> None:
    """The waivers of a workflow: who answers until when, why, what stands in, and if they hold."""
    own = store.fetch("waiver_list").frame.filter(workflow=workflow)
    if own.is_empty():
        st.caption("No check of this workflow is waived.")
    alarms = dict(results(workflow).frame.select("check_id", "alarms").iter_rows())
    for row in own.iter_rows(named=True):
        check = queries.checks().get(row["check_id"])
        is_never = check is not None and check.estimator == "zero"
        standing, why = row["standing"], row["why"]
        if is_never or alarms.get(row["check_id"]):
            standing, why = "void", "what is never allowed cannot be waived"
        colour, sign, holds = STANDINGS[standing]
        badge = f":{colour}-badge[{sign} {standing}]"
        if check:
            link("scorecard", f"{badge} **{check.id}** {check.title}", workflow=workflow,
                 pattern=check.pattern, check=check.id)  # fmt: skip
        else:
            st.markdown(f"{badge} **{esc(row['check_id'])}**, which is no check")
        st.text(
            f"{row['owner'] or 'Nobody'}: {row['reason'] or 'no reason'}. In its place:"
            f" {row['control'] or 'nothing'}. {holds} {why}."
        )


def signoffs(workflow: str) -> None:
    """Who signed which gate, and when."""
    facts = store.fetch("gate_facts").keep(workflow=workflow).first()
    signed = json.loads(facts["signoffs"] or "[]")
    if not signed:
        st.caption("Nobody has signed a gate of this workflow yet.")
    for row in signed:
        st.text(f"{row['gate']}: {row['signed_by'] or 'nobody'}, {row['signed_on'] or 'no day'}")


def gate_download(gate: Gate) -> None:
    """Every requirement of the gate as CSV."""
    tables.download(f"gate-{gate.gate}", gate_lines(gate))
