"""What stands between a workflow and its next stage?"""

import streamlit as st

import charts
import ui

f = ui.page("Readiness", "The gates to limited production and to production, workflow by workflow.")
workflow = ui.param("workflow")
order = list(ui.workflow_order())

if workflow is None:
    kept = set(ui.scorecard(f).frame["workflow"])
    gates = ui.next_gates([name for name in order if name in kept])
    with ui.card(
        "What the next gate asks of each workflow",
        "Requirements met, met with a condition (▲), not provable yet (hatched), not met (■, red). "
        "Not provable is not the same as not met: data, runs or days are lacking.",
    ):
        chosen = ui.show(
            charts.gate_bars, ui.gate_counts(gates), pick=True, rows=False,
            empty="No workflow has been evaluated for this selection.",
        )  # fmt: skip
        if chosen:
            ui.link("readiness", f"**{ui.esc(chosen[0])}**: open its gate",
                    icon=":material/arrow_forward:", workflow=chosen[0], gate=None)  # fmt: skip
    ui.gate_list(gates)
    st.stop()

ui.link("readiness", "All workflows", icon=":material/arrow_back:", workflow=None, gate=None)
both = ui.gates().get(workflow)
if both is None:
    st.info("There is no such workflow in the store.", icon=":material/inbox:")
    st.text(workflow)
    st.stop()

with st.container(horizontal=True, vertical_alignment="center", gap="small"):
    st.caption("The gate to", width="content")
    named = ui.choose_one("Gate", list(both), "gate", ui.next_gate(both["limited"].stage))
gate = both[named]
ui.gate_verdict(gate)

left, right = st.columns([3, 2], gap="small")
with left, ui.card("At a glance", "● met, ▲ with a condition, ○ not provable yet, ■ not met."):
    dot = ui.show(charts.requirement_dots, ui.gate_lines(gate), pick=True, rows=False)
    if dot and dot[0]:
        ui.to_check(workflow, dot[0])
    else:
        st.caption("Choose a dot to open its check.")
    ui.gate_download(gate)
with right:
    with ui.card("Waivers", "At most two at a time, each with an owner, a control and an end."):
        ui.waivers(workflow)
    with ui.card("Signed off by"):
        ui.signoffs(workflow)

for state, title, caption in (
    ("not_met", "Not met", "Shown to be beyond what the gate allows."),
    ("not_provable", "Not provable yet", "Neither shown good nor shown bad: more is needed."),
    ("condition", "Met, with a condition", "It holds for now, and asks for something."),
):
    if lines := gate.those(state):
        with ui.card(f"{title}: {len(lines)}", caption):
            ui.gate_group(gate, state)
if met := gate.those("met"):
    with st.expander(f"Met: {len(met)}", on_change="rerun", key="gate-met") as fold:
        if fold.open:
            ui.gate_group(gate, "met")
