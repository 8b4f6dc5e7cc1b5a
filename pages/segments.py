"""Where does it fail?"""

import streamlit as st

import charts
import ui
from charts import words

OF_RUNS = ["channel", "version", "stage"]
OF_CALLS = ["step", "tool", "agent", "model"]

f = ui.page("Segments", "Success and failure by channel, version, stage, step, tool, agent, model.")
dimension = ui.choose_one("Segment by", OF_RUNS + OF_CALLS, "segments_by")
order = ui.workflow_order()

if dimension in OF_RUNS:
    with ui.card(
        f"Success by workflow and {dimension}",
        "Share of successful runs of known outcome. Below 30 runs only the count. At most twelve "
        "segments are drawn, those with most runs; the table has all.",
    ):
        answer = ui.fetch("success_by_segment", f, dimension=dimension)
        cell = ui.show(charts.success_matrix, answer, wide=True, pick=True, rows=False, order=order)
        ui.to_failed_runs(answer, cell, "Choose a cell for its failed runs.")
        ui.table(answer, "segments-runs", show=(
            "workflow", "segment", "runs", "known_runs", "successes", "success_rate", "lo", "hi",
        ))  # fmt: skip
        ui.download("success_by_segment", answer)
else:
    with ui.card(
        f"Failures by workflow and {dimension}",
        "Share of calls that failed for good; a call and its retries count once. A run belongs to "
        "every segment it used, so segments overlap. Drawn are the twelve with most calls.",
    ):
        answer = ui.fetch("success_by_step_segment", f, dimension=dimension)
        cell = ui.show(charts.failure_matrix, answer, wide=True, pick=True, rows=False, order=order)
        if cell and dimension in ("step", "tool"):
            label = f"**{ui.esc(cell[0])} · {ui.esc(cell[1])}**: open the runs that used it"
            ui.link("runs", label, icon=":material/arrow_forward:",
                    runs_workflow=cell[0], **{f"runs_{dimension}": cell[1]})  # fmt: skip
        elif cell:
            label = f"**{ui.esc(cell[0])}**: open its failed runs"
            ui.link("runs", label, icon=":material/arrow_forward:",
                    runs_workflow=cell[0], runs_view="Failed")  # fmt: skip
        ui.table(answer, "segments-calls")
        ui.download("success_by_step_segment", answer)

left, right = st.columns([3, 2], gap="small")
daily = ui.fetch("kpi_daily", f)
rated = daily.frame["known_runs"].sum() or 0
with (
    left,
    ui.card(
        "Success by day",
        f"{words.count(rated)} runs of known outcome; the band is the 95% interval.",
    ),
):
    ui.show(charts.success_daily, daily)
with right, ui.card("Why runs fail", "Failed and abandoned runs by reason, all chosen workflows."):
    ui.show(
        charts.failure_reasons,
        ui.fetch("failures_by_reason", f),
        empty="No run failed or was abandoned in this window.",
    )
