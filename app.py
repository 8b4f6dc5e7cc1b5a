"""Pilot to Production: the pages, the frame around them, nothing else."""

import streamlit as st

import ui

PAGES = {
    "Program": [
        st.Page("pages/overview.py", title="Overview", icon=":material/monitoring:", default=True),
        st.Page("pages/scorecard.py", title="Scorecard", icon=":material/grid_view:"),
        st.Page("pages/programme.py", title="Programme", icon=":material/route:"),
        st.Page("pages/readiness.py", title="Readiness", icon=":material/fact_check:"),
    ],
    "Money": [
        st.Page("pages/cost.py", title="Cost", icon=":material/payments:"),
        st.Page("pages/unit_cost.py", title="Unit cost", icon=":material/sell:"),
        st.Page("pages/bill.py", title="Bill", icon=":material/receipt_long:"),
        st.Page("pages/production.py", title="Production", icon=":material/rocket_launch:"),
    ],
    "Engineering": [
        st.Page("pages/segments.py", title="Segments", icon=":material/donut_small:"),
        st.Page("pages/latency.py", title="Latency", icon=":material/timer:"),
        st.Page("pages/runs.py", title="Runs", icon=":material/list_alt:"),
        st.Page("pages/run.py", title="Run", visibility="hidden"),
    ],
    "Operations": [st.Page("pages/data.py", title="Data", icon=":material/database:")],
}
st.set_page_config(page_icon=ui.ICON, layout="wide", initial_sidebar_state=232)
chosen = st.navigation(PAGES, expanded=True)
ui.frame(chosen.title)
chosen.run()
