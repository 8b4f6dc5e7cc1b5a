"""What will production cost, and does it fit the budget?"""

import streamlit as st

import charts
import ui
from charts import words

f = ui.page("Production", "What a month costs at the volume it is meant for, and whether it fits.")
workflow = ui.param("workflow") or (f.workflow[0] if f.workflow and len(f.workflow) == 1 else None)

if workflow is None:
    with ui.card(
        "Every workflow at its declared volume",
        "A month of runs, infrastructure and review over the monthly budget, with the 95% range of "
        "the cost of a run, as last evaluated (COST-7).",
    ):
        chosen = ui.show(charts.prospects, ui.cost.prospects(), pick=True)
        ui.cost.prospect_links(chosen)
    st.stop()

ui.link("production", "All workflows", icon=":material/arrow_back:", workflow=None)
facts = ui.cost.facts_of(workflow)
if facts is None:
    st.info("No run of this workflow is in the last four weeks.", icon=":material/inbox:")
    st.text(workflow)
    st.stop()

st.header(ui.esc(workflow), anchor=False)
asked = ui.cost.scenario(facts)
found = ui.cost.project(facts, asked)
ui.cost.projected_kpis(found, words.money)

left, right = st.columns(2, gap="small")
with (
    left,
    ui.card("A month in production", "By what it is spent on; the whisker is the 90% range."),
):
    ui.show(charts.production_cost, ui.cost.bills(found), budget_usd=found.budget_usd)
with right, ui.card("Does cost follow volume?", "Every day of the last four weeks."):
    ui.show(charts.scaling_curve, ui.cost.days_of(facts), **ui.cost.growth_options(facts))
with ui.card("What it rests on", "Measured in the data, declared in the file, assumed, or chosen."):
    ui.cost.driver_list(found)
