"""Which of the seven patterns blocks which workflow, and why?"""

import streamlit as st

import charts
import ui

f = ui.page("Scorecard", "Seven patterns that keep pilots from production, each judged by checks.")
cells = ui.scorecard(f)
names = tuple(cells.frame["workflow"].unique(maintain_order=True))
workflow, pattern, check = (ui.param(name) for name in ("workflow", "pattern", "check"))
if pattern not in ui.PATTERNS:
    pattern = check = None
if workflow or pattern:
    ui.trail(workflow, pattern, check if workflow else None)

if not workflow and not pattern:
    with ui.card(
        "Workflows by pattern",
        "A pattern is as bad as its worst deciding check. Grey is not green: it is not shown yet.",
    ):
        cell = ui.show(
            charts.scorecard_matrix, cells, wide=True, pick=True, rows=False,
            empty="No check has been run for this selection. Load runs, or clear the filters.",
        )  # fmt: skip
        ui.to_pattern(cell)
        ui.legend()
    left, right = st.columns([3, 2], gap="small")
    with left, ui.card("What changed", "Success by segment and states of checks, week on week."):
        ui.what_changed(names)
    with right, ui.card("One pattern in all workflows"):
        ui.pattern_links(cells)
    with ui.card("Next best instrumentation", "What to record next, most gate checks first."):
        ui.next_fields(names)
    with ui.card("In words", "The check that decides each cell; what needs attention first."):
        worst = ui.worst_first(cells)
        ui.table(worst, "scorecard-cells", show=(
            "workflow", "stage", "title", "verdict", "sentence", "measured", "total",
        ), columns={"sentence": st.column_config.TextColumn("Check", width="large")})  # fmt: skip
        ui.download("scorecard", worst)
elif not workflow:
    with ui.card(ui.PATTERNS[pattern].title, ui.PATTERNS[pattern].means):
        cell = ui.show(
            charts.check_matrix, ui.across(cells, pattern), wide=True, pick=True, rows=False
        )
        if cell:
            ui.to_check(*cell)
        ui.legend()
    ui.pattern_across(cells, pattern)
elif workflow not in names:
    st.info("This workflow has not been evaluated, or the filters leave it out.")
elif not pattern:
    ui.link("readiness", "Its gate to the next stage", icon=":material/fact_check:",
            workflow=workflow)  # fmt: skip
    ui.pattern_list(cells, workflow)
elif not check:
    with ui.card(ui.PATTERNS[pattern].title, ui.PATTERNS[pattern].means):
        picked = ui.show(charts.state_weeks, ui.weeks(workflow, pattern), wide=True, pick=True,
                         rows=False)  # fmt: skip
        if picked:
            ui.to_check(workflow, picked[0])
        ui.legend()
    ui.check_list(workflow, pattern)
else:
    result = ui.check_result(workflow, check)
    if result is None:
        st.info("There is no such check for this workflow.", icon=":material/inbox:")
        st.stop()
    evidence = ui.fetch("check_evidence_rows", workflow=workflow, check_id=check)
    left, right = st.columns([3, 2], gap="small")
    with left, ui.card(f"{check} {ui.title_of(check)}"):
        ui.verdict_of_check(result, cells, evidence.frame)
    with right, ui.card("Twelve weeks", "As issued then: ○ too few, ✕ not measured, ▼ a change."):
        answer, options = ui.history(result)
        ui.show(charts.check_history, answer, **options)
    ui.beside(result)
    ui.evidence(evidence)
