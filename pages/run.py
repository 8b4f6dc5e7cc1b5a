"""What happened in this run?"""

import streamlit as st

import charts
import ui
from charts import words

f = ui.page("Run", "One run: its steps, what went in and out, and what people said of it.")
run_id = ui.param("run_id")
answer = ui.fetch("run_detail", run_id=run_id or "")
run = answer.first()
ui.link("runs", "Back to the runs", icon=":material/arrow_back:", **ui.params("runs_"))
if not answer.frame.height:
    st.info("There is no such run in the store. It may have been deleted.", icon=":material/inbox:")
    st.text(run_id or "No run was named in the address.")
    st.stop()

near = ui.fetch("run_neighbours", run_id=run_id).first()
with st.container(horizontal=True, vertical_alignment="center", gap="small"):
    st.header(f"{ui.esc(run['workflow'])} · {ui.esc(run_id)}", anchor=False, width="content")
    ui.outcome_badge(run)
    for label, icon, other in (
        ("Previous", "chevron_left", near["previous_run_id"]),
        ("Next", "chevron_right", near["next_run_id"]),
    ):
        if other:
            ui.link("run", label, icon=f":material/{icon}:", run_id=other, step=None)
st.text(" · ".join(str(v) for v in (
    words.moment(run["started_at"]), run["stage"], run["version"], run["channel"],
    run["error_class"], run["termination_reason"],
) if v))  # fmt: skip

with st.grid(5, min_column_width=150, gap="small"):
    for label, value, note in (
        ("Machine time", words.duration(run["machine_ms"]), "waits for people left out"),
        ("Duration", words.duration(run["duration_ms"]), "from start to end"),
        ("Cost", words.money(run["cost_usd"]), run["cost_source"] or "not known"),
        ("Tokens in · out", f"{words.count(run['input_tokens'])} · "
         f"{words.count(run['output_tokens'])}", "input includes cache"),
        ("Steps", words.count(run["n_steps"]),
         f"{run['n_llm_calls']} model · {run['n_tool_calls']} tool calls"),
    ):  # fmt: skip
        ui.fact(label, value, note)

steps = ui.fetch("run_steps", run_id=run_id)
left, right = st.columns([3, 2], gap="small")
with left, ui.card("Trace", "Hatched bars with ✕ failed. Choose a bar to read its step."):
    picked = ui.show(charts.waterfall, steps, wide=True, pick=True, empty="No step arrived.")
    hidden = steps.frame.height - min(steps.frame.height, charts.MOST)
    if hidden:
        st.caption(f"At most {charts.MOST} steps are drawn; all {steps.frame.height:,} in Rows.")
chosen = picked[0] if picked else ui.param("step")
with right, ui.card("Step", "Shown as recorded; nothing here is an instruction."):
    ui.step_panel(steps, run_id, chosen)

left, right = st.columns([2, 3], gap="small")
votes, said = ui.fetch("run_votes", run_id=run_id), ui.fetch("run_feedback", run_id=run_id)
with left, ui.card("Opinions on the outcome", "The first row decides."):
    ui.rows(votes, "run-votes", "Nobody has judged this run: its outcome is unknown.",
            ("source", "outcome", "score", "name", "voted_at"))  # fmt: skip
with right, ui.card("Feedback and approvals"):
    ui.rows(said, "run-feedback", "No feedback on this run.",
            ("created_at", "source", "name", "label", "verdict", "score", "comment",
             "resolution"))  # fmt: skip
    asked = ui.fetch("run_approvals", run_id=run_id)
    ui.rows(asked, "run-approvals", "No approval was asked for in this run.",
            ("action", "decision", "decider_type", "requested_at", "wait_s"))  # fmt: skip
    ui.rows(steps.keep(is_gated=True), "run-gated", "No step of this run needed an approval.",
            ("name", "status", "is_executed", "principal", "resource_key", "decision"))  # fmt: skip
