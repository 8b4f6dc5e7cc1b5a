"""Does the bill agree with the traces, and which prices are they told by?"""

import streamlit as st

import charts
import ui
from charts import words

f = ui.page("Bill", "The bill against the traces, by which record each month is known, prices.")

left, right = st.columns([3, 2], gap="small")
with left, ui.card("From traces to the bill", ui.cost.bill_caption(f)):
    ui.show(
        charts.money_steps, ui.cost.bill_steps(f),
        empty="Load an invoice or a usage export of a provider: costs with its days and models.",
    )  # fmt: skip
with right, ui.card("What has no price or no rate", "Shown apart, never added, never zero."):
    ui.cost.unpriced(f)

with ui.card(
    "By which record each month is known",
    "Of every provider and day the first of invoice, usage export, gateway log, client log, manual "
    "entry and traces counts. A bill that arrives later replaces the estimate of its days.",
):
    ui.cost.record_list(f, words.money)
with ui.card(
    "Prices in use", "By model and kind of token; a call is priced by the rate of its day."
):
    ui.cost.price_list()
