"""Are we within budget, when is it spent, what does a success cost, what will production cost?"""

import streamlit as st

import charts
import ui
from charts import words

f = ui.page("Cost", "Spend against budget, who spends it, and what it buys.")
scope = ui.cost.scope(f)
ui.cost.answers(f, scope, words.money)
ui.cost.apart()
money = scope.outlook()

left, right = st.columns([3, 2], gap="small")
with left, ui.card("Spend against budget", ui.cost.budget_caption(money, words.money)):
    days = ui.cost.days(money)
    ui.cost.ladder(money)
    ui.show(charts.burn_up, days, rows=False, **ui.cost.budget_options(money))
with right, ui.card(
    "Every budget", "Solid: spent. Light: forecast, with its 90% range. Lines at 50, 80, 100%."
):  # fmt: skip
    ui.show(
        charts.budget_bars, ui.cost.budget_list(),
        empty="No budget is declared. Write budgets.yaml, or budget: {monthly: …} in a workflow.",
    )  # fmt: skip

left, right = st.columns([3, 2], gap="small")
with left, ui.card("Who spends it", ui.cost.split_caption(scope)):
    ui.cost.choose_split(f)
    parts = ui.cost.split_of(f, scope.split)
    chosen = ui.show(charts.spend_by, parts, pick=True, rows=False)
    ui.cost.part_links(scope, chosen)
    ui.cost.split_table(scope, parts)
with right:
    with ui.card("Spend by day", "By the record each amount is known from."):
        ui.show(charts.spend_daily, ui.fetch("spend_daily", f))
    with ui.card("Burn rate", "Spend over the pace the budget allows, in the last hours of data."):
        ui.show(
            charts.burn_rates, ui.cost.burn_rates(), empty="No budget, so no pace to hold it to."
        )
