"""Which of the seven patterns blocks which workflow, and why?"""

import streamlit as st

import charts
import ui
from charts import words

f = ui.page("Scorecard", "Seven patterns that keep pilots from production, each judged by checks.")
cells = ui.scorecard(f)
workflow, pattern, check = (ui.param(name) for name in ("workflow", "pattern", "check"))
if pattern not in ui.PATTERNS:
    pattern = check = None
if workflow:
    ui.trail(workflow, pattern, check)

if workflow is None:
    with ui.card(
        "Workflows by pattern",
        "● clear, ▲ watch, ■ failing. Grey is not green: ◌ unproven, – not applicable. "
        "A pattern is as bad as its worst deciding check.",
    ):
        cell = ui.show(
            charts.scorecard_matrix, cells, wide=True, pick=True, rows=False,
            empty="No check has been run for this selection. Load runs, or clear the filters.",
        )  # fmt: skip
        if cell:
            label = f"**{ui.esc(cell[0])} · {ui.PATTERNS[cell[1]].title}**: open its checks"
            ui.link("scorecard", label, icon=":material/arrow_forward:",
                    workflow=cell[0], pattern=cell[1])  # fmt: skip
        else:
            st.caption("Choose a cell for its checks.")
    with ui.card("In words", "The check that decides each cell; what needs attention first."):
        worst = ui.worst_first(cells)
        ui.table(worst, "scorecard-cells", show=(
            "workflow", "stage", "title", "verdict", "sentence", "measured", "built", "total",
        ), columns={"sentence": st.column_config.TextColumn("Check", width="large")})  # fmt: skip
        ui.download("scorecard", worst)
elif pattern is None:
    ui.pattern_list(cells, workflow)
    if cells.frame.filter(workflow=workflow).is_empty():
        st.info("This workflow has not been evaluated, or the filters leave it out.")
elif check is None:
    ui.check_list(workflow, pattern)
else:
    result = ui.check_result(workflow, check)
    if result is None:
        st.info("There is no such check for this workflow.", icon=":material/inbox:")
        st.stop()
    evidence = ui.fetch("check_evidence_rows", workflow=workflow, check_id=check)
    left, right = st.columns([3, 2], gap="small")
    with left, ui.card(f"{words.clean(check)} on {words.clean(workflow)}"):
        ui.verdict_of_check(result, evidence.frame)
    with right, ui.card("Over time", "As issued then. Dotted: the limits, orange and red."):
        history = ui.fetch("check_history", workflow=workflow, check_id=check)
        ui.show(charts.check_history, history)
    with ui.card("Evidence", "Worst first; rows of weight 0 passed and stand for contrast."):
        if evidence.frame.is_empty():
            st.caption("This check rests on declarations or counts, not on single runs.")
        else:
            run = ui.table(evidence, "evidence", ident="run_id")
            if run:
                ui.link("run", f"Open run {ui.esc(run)}", icon=":material/arrow_forward:",
                        run_id=run)  # fmt: skip
            ui.download("evidence", evidence)
