"""One step of a run: what it was and the text that went in and out."""

from __future__ import annotations

from typing import Any

import streamlit as st

from ui import store, tables
from ui.payload import recorded
from ui.store import Answer

OUTCOMES = {
    "success": "green-badge[● success]",
    "partial": "orange-badge[▲ partial]",
    "failure": "red-badge[■ failure]",
    "abandoned": "red-badge[■ abandoned]",
    "unknown": "gray-badge[– outcome unknown]",
}


def outcome_badge(run: dict[str, Any]) -> None:
    """How the run ended and by whose word."""
    by = f" by {run['outcome_source']}" if run["outcome_source"] != "none" else ""
    badge = OUTCOMES.get(run["outcome"], OUTCOMES["unknown"]).replace("]", f"{by}]")
    status = f" :red-badge[{run['status']}]" if run["status"] in ("error", "timeout") else ""
    st.markdown(f":{badge}{status}", width="content")


def step_panel(steps: Answer, run_id: str, chosen: str | None) -> None:
    """The chosen step, else the first that failed, else the first with text, else the first."""
    rows = steps.frame.sort("seq").to_dicts()
    if not rows:
        st.caption("No step of this run arrived.")
        return
    failed = [r for r in rows if r["status"] == "error" or r["in_band_error"]]
    told = [r for r in rows if r["has_input"] or r["has_output"]]
    row = next((r for r in rows if r["step_id"] == chosen), (failed or told or rows)[0])
    st.text(row["name"])
    payload = store.fetch("step_payload", run_id=run_id, step_id=row["step_id"]).first()
    input_, output, reason, facts = st.tabs(["Input", "Output", "Reason", "Facts"])
    with input_:
        recorded(payload["input"], "No input was recorded.")
    with output:
        if row["error_message"]:
            st.text(row["error_message"])
        recorded(payload["output"], "No output was recorded.")
    with reason:
        recorded(payload["rationale"], "No reason was recorded.")
    with facts:
        known = Answer(_facts(steps, row["step_id"]), (*steps.key, row["step_id"]))
        tables.table(known, "step-facts", height=300)
        recorded(payload["attributes"], "No attributes were recorded.")


def _facts(steps: Answer, step_id: str) -> Any:
    """What is known of a step, one fact a row."""
    row = steps.frame.filter(step_id=step_id)
    known = [c for c in row.columns if row[c][0] is not None]
    texts = row.select(known).cast(dict.fromkeys(known, str), strict=False)
    return texts.transpose(include_header=True, header_name="fact", column_names=["value"])
