"""What does a run and a success cost, what is spent for nothing, and what moved the spend?"""

import streamlit as st

import charts
import ui
from charts import words

f = ui.page("Unit cost", "Cost of a run and of a success, what is wasted, and what moved it.")
scope = ui.cost.scope(f)
ui.cost.unit_kpis(f, scope, words.money)

left, right = st.columns(2, gap="small")
with left, ui.card(
    "Cost of a success by week", "All cost ÷ successes, 95% interval. The line is the target.",
):  # fmt: skip
    ui.show(
        charts.cost_per_success, ui.cost.per_week(f, scope), target_usd=ui.cost.target(scope),
    )  # fmt: skip
    ui.link("segments", "Read it beside the success rate", icon=":material/arrow_forward:")
with right, ui.card(
    "Where the cost of runs went", "Failed and abandoned runs whole, the others by what they redid."
):  # fmt: skip
    ui.show(charts.waste, ui.cost.waste(f, scope))

left, right = st.columns(2, gap="small")
with left, ui.card(
    "What moved the spend", "Against the window of the same length before; the parts add up."
):  # fmt: skip
    ui.show(charts.money_steps, ui.cost.moved(f, scope), rows=False,
            empty="Spend is known for one of the two windows only.")  # fmt: skip
    ui.cost.moved_in_words(f, scope)
with (
    right,
    ui.card("Levers", "Dollars a month at the present rate, with the dearest runs of each."),
):
    ui.cost.lever_list(f, scope, words.money)
