"""Will we stay inside the budget?"""

import streamlit as st

import charts
import ui
from charts import words

f = ui.page("Cost", "Spend against budget, what it is known from, and what it buys.")
total = ui.fetch("spend_total", f).first()
now = ui.fetch("kpi", f).first()
before = ui.fetch("kpi", f.previous()).first() if f.compare else {}
scope = f.workflow[0] if f.workflow and len(f.workflow) == 1 else None
money = ui.budget(scope)
daily = ui.fetch("kpi_daily", f).frame
spent = ui.fetch("spend_daily", f)
by_day = spent.frame.select("day", "cost_usd").group_by("day").sum().sort("day")

with st.grid(5, min_column_width=150, gap="small"):
    ui.spend_kpi(money, words.money, scope)
    ui.kpi(
        "Spend in the window", total["cost_usd"], total["previous_cost_usd"] if f.compare else None,
        words.money, words.change(words.money), good="none", series=by_day["cost_usd"],
        about=f"{f.words()}. Per provider and day the first of invoice, usage export, gateway log, "
        "client log and traces counts, never two.",
    )  # fmt: skip
    runs = now["runs"] or 0
    ui.kpi(
        "Cost per run", now["cost_usd"] / runs if now["cost_usd"] and runs else None,
        before["cost_usd"] / before["runs"] if before.get("cost_usd") and before["runs"] else None,
        words.money, words.change(words.money), good="down",
        series=daily["cost_usd"] / daily["runs"],
        about=f"Recorded or priced cost of {now['costed_runs'] or 0:,} of {runs:,} runs ÷ runs.",
    )  # fmt: skip
    ui.kpi(
        "Cost per success", now["cost_per_success_usd"], before.get("cost_per_success_usd"),
        words.money, words.change(words.money), good="down",
        series=daily["cost_per_success_usd"],
        about=f"Cost of all runs ÷ {now['successes'] or 0:,} successes.",
    )  # fmt: skip
    ui.kpi(
        "Unattributed", total["unattributed_usd"], None, words.money, words.money, good="none",
        note=f"by {ui.esc(total['source_used'] or 'no record')}",
        about="What the counting record holds beyond the amounts known per workflow.",
    )  # fmt: skip

left, right = st.columns([3, 2], gap="small")
with left, ui.card("Spend against budget", ui.budget_words(money, words.money, scope)):
    if money:
        ui.show(charts.burn_up, ui.fetch("budget_days", workflow=scope), **ui.projection(money))
with right, ui.card("Spend by day", "By the record each amount is known from."):
    ui.show(charts.spend_daily, spent)

left, right = st.columns(2, gap="small")
with (
    left,
    ui.card(
        "By workflow",
        "Unscaled amounts per workflow; the rest of the bill is one line, unattributed.",
    ),
):
    answer = ui.fetch("spend_by_workflow", f)
    chosen = ui.show(charts.spend_by_workflow, answer, pick=True, rows=False)
    if chosen and chosen[0]:
        label = f"**{ui.esc(chosen[0])}**: open its costliest runs"
        ui.link("runs", label, icon=":material/arrow_forward:",
                runs_workflow=chosen[0], runs_view="Costly")  # fmt: skip
    ui.table(answer.filled(workflow="unattributed"), "cost-workflows")
    ui.download("spend_by_workflow", answer)
with right, ui.card("By model", "Charges without a model stand under their kind."):
    ui.show(charts.spend_by_model, ui.fetch("spend_by_model", f))
