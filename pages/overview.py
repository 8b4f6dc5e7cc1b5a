"""Do we need to decide anything this week?"""

import streamlit as st

import charts
import ui
from charts import words

f = ui.page("Overview", "The state of every workflow: what needs a decision, and why.")
ui.verdict(f)

now = ui.fetch("kpi", f).first()
before = ui.fetch("kpi", f.previous()).first() if f.compare else {}
daily = ui.fetch("kpi_daily", f).frame
money = ui.computed("outlook")
known, runs = now["known_runs"] or 0, now["runs"] or 0

with st.grid(5, min_column_width=150, gap="small"):
    ui.kpi(
        "Success rate", now["success_rate"], before.get("success_rate"), words.percent,
        words.points, good="up", series=daily["success_rate"],
        about=f"Successes ÷ runs of known outcome: {now['successes'] or 0:,} of {known:,}. "
        f"95% interval {words.interval(now['success_lo'], now['success_hi'])}. "
        f"{runs - known:,} runs of unknown outcome are left out.",
    )  # fmt: skip
    ui.kpi(
        "Runs", now["runs"], before.get("runs"), words.count, words.relative(before.get("runs")),
        good="none", series=daily["runs"],
        about=f"Runs started in the window, any outcome. {now['errors'] or 0:,} ended in an error.",
    )  # fmt: skip
    ui.cost.success_kpi(f, words.money, words.change(words.money))
    ui.kpi(
        "p95 machine time", now["machine_p95_ms"], before.get("machine_p95_ms"), words.duration,
        words.change(words.duration), good="down", series=daily["machine_p95_ms"],
        about=f"95 of 100 runs were faster, waits for people left out. {now['dated_runs'] or 0:,} "
        f"runs have a time; p95 needs 59. Median {words.duration(now['machine_p50_ms'])}.",
    )  # fmt: skip
    ui.cost.month_end_kpi(money, words.money)

left, right = st.columns([3, 2], gap="small")
with left, ui.card(
    "Success by workflow and segment",
    "Share of successful runs. ▼ over 5 pt below the 90% target. Below 30 runs only the count.",
):  # fmt: skip
    segments = ui.fetch("success_by_segment", f, dimension="auto")
    cell = ui.show(charts.success_matrix, segments, wide=True, pick=True, order=ui.workflow_order())
    ui.to_failed_runs(segments, cell, "Choose a cell for its failed runs.")
with right, ui.card("Spend against budget", ui.cost.budget_caption(money, words.money)):
    ui.show(
        charts.burn_up, ui.cost.days(money), rows=False, **ui.cost.budget_options(money),
    )  # fmt: skip
    ui.link("cost", "Where the money goes", icon=":material/arrow_forward:")

left, right = st.columns([2, 3], gap="small")
with left, ui.card("Latency by step", "● median, thick to p90, thin to p99. Without people."):
    steps = ui.fetch("latency_by_step", f, by="step")
    step = ui.show(charts.latency_by_step, steps, pick=True, top=9)
    if step:
        name = f"{ui.esc(step[0])} · {ui.esc(step[1])}: open its slowest runs"
        ui.link("runs", name, runs_workflow=step[0], runs_step=step[1], runs_view="Slow")
    else:
        ui.link("latency", "All steps, tools and models", icon=":material/arrow_forward:")
with (
    right,
    ui.card("Failure-pattern scorecard", "The seven patterns that keep pilots from production."),
):
    pattern = ui.show(charts.scorecard_matrix, ui.scorecard(f), wide=True, pick=True)
    if pattern:
        name = f"{ui.esc(pattern[0])} · {ui.PATTERNS[pattern[1]].title}: open its checks"
        ui.link("scorecard", name, workflow=pattern[0], pattern=pattern[1])
    else:
        ui.link("scorecard", "The checks behind it", icon=":material/arrow_forward:")
