"""Who is on the way to production, who is stalled and why, and what is at risk?"""

import streamlit as st

import charts
import ui

ui.page("Programme", "From idea to production: who moves, who is stalled, what is at risk.")
ui.programme_in_words()

left, right = st.columns(2, gap="small")
with left, ui.card(
    "Stages",
    "Workflows now in each stage; median days in it, those still there counted as such; "
    "what is most often in the way of the next gate.",
):  # fmt: skip
    ui.show(charts.stage_funnel, ui.programme("funnel"), wide=True)
with right, ui.card(
    "Production under a failing pattern",
    f"{charts.exposure_key()}: share of what production did in 28 days, in workflows where the "
    "pattern fails. Pilots do not count. No mark: not known.",
):  # fmt: skip
    failing = ui.programme("exposure").keep(state="red")
    mark = ui.show(
        charts.exposure_dots, failing, pick=True, empty="No pattern fails in production."
    )
    ui.to_pattern_everywhere(mark, failing)

left, right = st.columns([3, 2], gap="small")
with (
    left,
    ui.card(
        "Who is where, and what is in the way",
        "Longest in their stage first, stalled ones on top; the verdict is of the next gate.",
    ),
):
    ui.standing_list()
with right, ui.card(
    "Causes that workflows share",
    "The same check failing on the same subject in two workflows or more, and in at least 30% of "
    "those where it is measured: one item for the platform.",
):  # fmt: skip
    ui.common_causes()
