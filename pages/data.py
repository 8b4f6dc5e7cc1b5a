"""Can I trust the numbers?"""

import streamlit as st

import ui

f = ui.page("Data", "What was loaded, what was refused and why, and how fresh it is.", False)

with ui.card(
    "Load files",
    "Drop exports of traces, costs, feedback, approvals or workflow declarations here, as many as "
    "you like; the format is told from the content. They stay on this machine.",
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

ui.last_load()
if not ui.has_store():
    with ui.card("Nothing is loaded yet", "The demo has eight workflows and twelve weeks of runs."):
        if st.button("Load the demo", icon=":material/play_arrow:"):
            ui.load_demo()
    st.stop()

summary, formats = ui.fetch("store_summary").first(), ui.fetch("source_formats")
known, runs = summary["known_outcomes"], summary["runs"]
costed, calls = summary["costed_calls"], summary["model_calls"]
with st.grid(5, min_column_width=150, gap="small"):
    for label, value, note in (
        ("Runs", f"{runs:,}", f"{summary['undated_runs']:,} without a time of their own"),
        ("Outcome known", f"{known / runs:.0%}" if runs else "–", f"of {runs:,} runs"),
        ("Model calls costed", f"{costed / calls:.0%}" if calls else "–", f"of {calls:,} calls"),
        ("Records refused", f"{summary['rejected']:,}", f"in {summary['sources']:,} sources"),
        ("Feedback without a run", f"{summary['unresolved_feedback']:,}", "its run is not here"),
    ):
        ui.fact(label, value, note)

left, right = st.columns([3, 2], gap="small")
with left, ui.card("Formats", "records = loaded + duplicates + ignored + rejected, always."):
    ui.rows(formats, "data-formats", "Nothing is loaded.")
with right, ui.card("Freshness", "Rows and newest time of each table."):
    ui.rows(ui.fetch("freshness"), "data-freshness", "Nothing is loaded.")
sources = ui.fetch("source_list")
with ui.card("Sources", "Files of different content. Choose one to see its refused records."):
    picked = ui.table(sources, "data-sources", ident="source_id", height=320, show=(
        "path", "format", "records", "loaded", "duplicates", "ignored", "rejected", "bytes",
        "loaded_at", "orphans", "clock_skewed", "unfinished", "times_without_zone",
    ))  # fmt: skip
    ui.download("data-sources", sources)
title = "Refused records"
if picked:
    title += f" of {ui.esc(sources.keep(source_id=picked).first()['path'], 60)}"
with ui.card(title, "The rest of each file was loaded. Correct and load again."):
    rejects = ui.fetch("reject_list", source_id=picked)
    ui.rows(rejects, "data-rejects", "No record was refused.")
with ui.card("Left out on purpose", "Records that are understood and say nothing of a run."):
    ui.rows(ui.fetch("ignored_reasons"), "data-ignored", "Nothing was left out.")
