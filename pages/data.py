"""Can I trust the numbers?"""

import streamlit as st

import ui

f = ui.page("Data", "What was loaded, what was refused and why, and how fresh it is.", False)

with ui.card(
    "Load files",
    "Traces, costs, feedback, approvals and workflow declarations; the format is told from the "
    "content. They are read on this machine and go nowhere else.",
):
    with st.form("load", border=False, clear_on_submit=True):
        files = st.file_uploader(
            "Files", accept_multiple_files=True, label_visibility="collapsed", key="data_files"
        )
        sent = st.form_submit_button("Load", type="primary", icon=":material/upload:")
    if sent and files:
        ui.load_files(files)
    elif sent:
        st.caption("Choose at least one file.")

if not ui.has_store():
    with ui.card("Nothing is loaded yet", "The demo has eight workflows and twelve weeks of runs."):
        if st.button("Load the demo", icon=":material/play_arrow:"):
            ui.load_demo()
    st.stop()

summary = ui.fetch("store_summary").first()
sources, rejects = ui.fetch("source_list"), ui.fetch("reject_list", source_id=None)
with st.grid(5, min_column_width=150, gap="small"):
    for label, name, note in (
        ("Runs", "runs", f"{summary['undated_runs'] or 0:,} without a time of their own"),
        ("Steps", "steps", "spans, calls and messages"),
        ("Sources", "sources", "files with different content"),
        ("Records refused", "rejected", "listed below with their reason"),
        ("Feedback without a run", "unresolved_feedback", "its run has not arrived"),
    ):
        ui.fact(label, f"{summary[name] or 0:,}", note)

with ui.card("Refused records", "The rest of each file was loaded. Correct and load again."):
    ui.rows(rejects, "data-rejects", "No record was refused.",
            ("path", "locator", "reason_code", "reason", "excerpt"))  # fmt: skip
left, right = st.columns([3, 2], gap="small")
with left, ui.card("Sources", "records = loaded + duplicates + ignored + rejected, always."):
    ui.rows(sources, "data-sources", "Nothing is loaded.", (
        "path", "format", "records", "loaded", "duplicates", "ignored", "rejected", "bytes",
        "loaded_at", "orphans", "clock_skewed", "unfinished", "times_without_zone",
    ))  # fmt: skip
with right, ui.card("Freshness", "Rows and newest time of each table."):
    ui.rows(ui.fetch("freshness"), "data-freshness", "Nothing is loaded.")
