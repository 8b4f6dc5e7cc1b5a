"""Which step makes it slow?"""

import streamlit as st

import charts
import ui
from charts import words

f = ui.page("Latency", "Machine time of runs and steps; waits for people are left out of run time.")
now = ui.fetch("kpi", f).first()
before = ui.fetch("kpi", f.previous()).first() if f.compare else {}
runs, dated = now["runs"] or 0, now["dated_runs"] or 0

with st.grid(3, min_column_width=150, gap="small"):
    ui.kpi(
        "Median machine time", now["machine_p50_ms"], before.get("machine_p50_ms"),
        words.duration, words.change(words.duration), good="down",
        about=f"Half of the {dated:,} runs with a known time were faster.",
    )  # fmt: skip
    ui.kpi(
        "p95 machine time", now["machine_p95_ms"], before.get("machine_p95_ms"),
        words.duration, words.change(words.duration), good="down",
        about=f"95 of 100 of {dated:,} runs were faster; needs 59 runs.",
    )  # fmt: skip
    ui.kpi(
        "Runs with a known time", dated, before.get("dated_runs"), words.count,
        words.relative(before.get("dated_runs")), good="none",
        about=f"{runs - dated:,} of {runs:,} runs carry no time of their own and stay out of "
        "every chart on this page.",
    )  # fmt: skip

by = ui.choose_one("Latency by", ["step", "tool", "model", "agent", "people"], "latency_by")
people = by == "people"
with ui.card(
    "Waits for people" if people else f"Latency by {by}",
    "● median, thick bar to p90, thin bar to p99, most total time first. p95 needs 59 values and "
    "p99 needs 299. Orange: tools, violet: people; waits for people have a view of their own.",
):
    answer = ui.fetch("latency_by_step", f, by="step" if people else by)
    chosen = ui.show(
        charts.latency_by_step, answer, wide=True, pick=True, top=16, people=people,
        empty="No step of this kind ran in this window.",
    )  # fmt: skip
    if chosen and by in ("step", "tool"):
        label = f"**{ui.esc(chosen[0])} · {ui.esc(chosen[1])}**: open its slowest runs"
        ui.link("runs", label, icon=":material/arrow_forward:",
                runs_workflow=chosen[0], runs_view="Slow", **{f"runs_{by}": chosen[1]})  # fmt: skip

left, right = st.columns(2, gap="small")
with left, ui.card("By day", "Machine time of runs. A day's p95 needs 20 runs."):
    ui.show(charts.latency_daily, ui.fetch("latency_daily", f))
step = chosen[1] if chosen and by == "step" else None
whose = f"step {ui.esc(step)}" if step else "machine time of whole runs"
with right, ui.card("Distribution", f"Share of {whose} within a time. Choose a step above."):
    ui.show(charts.latency_distribution, ui.fetch("latency_distribution", f, step=step))

with ui.card("Slowest runs", "The ten slowest of the window by machine time."):
    slow = ui.fetch("run_list", f, order="slowest", limit=10, offset=0)
    run = ui.table(
        slow, "latency-slowest", ident="run_id",
        show=("started_at", "workflow", "version", "outcome", "machine_ms", "duration_ms",
              "n_steps", "cost_usd", "run_id"),
    )  # fmt: skip
    if run:
        ui.link("run", f"Open run {ui.esc(run)}", icon=":material/arrow_forward:", run_id=run)
    else:
        st.caption("Choose a row to open the run.")
