"""Show me the runs that matter."""

from dataclasses import replace

import streamlit as st

import ui

SIZE = 50
VIEWS = {
    "All": {},
    "Failed": {"outcome": ("failure", "abandoned")},
    "Errors": {"status": ("error", "timeout")},
    "Slow": {"order": "slowest"},
    "Costly": {"order": "costliest"},
    "Most steps": {"order": "longest"},
    "Unknown": {"outcome": ("unknown",)},
}
OUTCOMES = ["success", "partial", "failure", "abandoned", "unknown"]

f = ui.page("Runs", "Every run of the window. Choose a view, narrow it, choose a row to open it.")


def segments(dimension):
    """The values of a dimension in the window."""
    return sorted(set(ui.fetch("success_by_segment", f, dimension=dimension).frame["segment"]))


def steps(by):
    """The steps or tools that ran in the window."""
    return sorted(set(ui.fetch("latency_by_step", f, by=by).frame["step"]))


with st.container(horizontal=True, vertical_alignment="center", gap="small"):
    view = ui.choose_one("View", list(VIEWS), "runs_view")
    text = ui.search("Search ids and errors", "runs_search")
with st.container(horizontal=True, vertical_alignment="center", gap="small"):
    names = sorted(ui.fetch("workflow_list").frame["workflow"])
    workflow = ui.choose("Workflow", names, "runs_workflow")
    outcome = ui.choose("Outcome", OUTCOMES, "runs_outcome")
    channel = ui.choose("Channel", segments("channel"), "runs_channel")
    version = ui.choose("Version", segments("version"), "runs_version")
    step = ui.choose("Step", steps("step"), "runs_step", most=1)
    tool = ui.choose("Tool", steps("tool"), "runs_tool", most=1)

wanted = {"channel": channel, "version": version, "search": text, "order": "newest"}
wanted |= {"step": step and step[0], "tool": tool and tool[0], "outcome": outcome} | VIEWS[view]
if outcome:
    wanted["outcome"] = outcome
narrow = replace(f, workflow=workflow) if workflow else f
found = ui.fetch("run_list", narrow, **wanted, limit=1, offset=0).first()
total = found["total"] or 0

if not total:
    st.info(f"No run matches. {f.words()}.", icon=":material/inbox:")
    ui.link("runs", "Clear the filters of this page", icon=":material/filter_alt_off:",
            **dict.fromkeys(ui.params("runs_")))  # fmt: skip
    st.stop()

line = st.container(horizontal=True, vertical_alignment="center", gap="medium")
with st.container(horizontal=True, horizontal_alignment="right"):
    offset = ui.paged(total, SIZE, "runs_page")
page = ui.fetch("run_list", narrow, **wanted, limit=SIZE, offset=offset)
run = ui.table(
    page, "runs", ident="run_id", height=min(38 * (page.frame.height + 1), 760),
    show=("started_at", "workflow", "stage", "version", "channel", "outcome", "status",
          "machine_ms", "cost_usd", "n_steps", "error_class", "termination_reason", "run_id"),
)  # fmt: skip
with line:
    st.markdown(f"**{total:,} runs** · {f.words()}")
    if run:
        ui.link("run", f"Open run {ui.esc(run)}", icon=":material/arrow_forward:", run_id=run)
    else:
        st.caption("Choose a row to open its trace.")
ui.download("runs", page)
