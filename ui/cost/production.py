"""What production will cost: which workflows fit, the sliders of one, and what it rests on."""

from __future__ import annotations

import math
from typing import Any

import polars as pl
import streamlit as st

import queries
from ui import choices, links, store, tables
from ui.cards import Write, amount, fact
from ui.store import Answer
from ui.text import esc

CHECK = "COST-7"
SIGNS = {
    "fits at 10x": ":green-badge[● Fits, even at 10× infrastructure]",
    "fits at 5x, not at 10x": ":orange-badge[▲ Fits at 5×, not at 10×]",
    "fits at 1x, not at 5x": ":orange-badge[▲ Fits at 1×, not at 5×]",
    "could go either way": ":orange-badge[▲ Could go either way]",
    "does not fit": ":red-badge[■ Does not fit the budget]",
    "no budget": ":gray-badge[○ No budget to hold it to]",
    None: ":gray-badge[○ Not provable yet]",
}
FITS = {"green": "fits, even at 10×", "amber": "fits today, not at 10×", "red": "does not fit"}
STRESSES = ("1×", "5×", "10×")


def prospects() -> Answer:
    """Every workflow at its declared volume, as last evaluated by COST-7, worst first."""
    found = store.fetch("check_matrix")
    rows = found.frame.filter(check_id=CHECK).select(
        "workflow", "state", monthly_usd="k", budget_usd=pl.col("k") / pl.col("value"),
        budget_share="value", lo="lo", hi="hi",
        answer=pl.col("state").replace_strict(FITS, default="not provable yet"),
    )  # fmt: skip
    worst = rows.sort("budget_share", descending=True, nulls_last=True)
    return Answer(worst, (*found.key, CHECK))


def prospects_in_words() -> tuple[str, str]:
    """How many workflows fit their budget at target volume, and what they cost together."""
    rows = prospects().frame
    fit = rows.filter(pl.col("state").is_in(("green", "amber"))).height
    known = rows.drop_nulls("monthly_usd")
    value = f"{fit} of {rows.height} fit" if known.height else "not provable yet"
    open_ones = rows.height - known.height
    return value, f"{open_ones} not provable yet" if open_ones else "at their declared volume"


def facts_of(workflow: str) -> queries.Facts | None:
    """What is measured and declared about a workflow."""
    as_of = store.fetch("store_summary").first()["as_of"]
    found: queries.Facts | None = store.computed("facts", workflow, as_of)
    return found


def scenario(facts: queries.Facts) -> queries.Scenario:
    """Draw the controls; what is left as it is stays measured or declared."""
    with st.grid(3, min_column_width=220, gap="medium"):
        volume = _volume(facts)
        with st.container():
            st.caption("Infrastructure")
            stress = choices.choose_one("Infrastructure", STRESSES, "production_stress")
        review = choices.choose_number(
            "Share of runs reviewed, %", "production_review", 100 * (facts.review_share or 0.0),
            (0.0, 100.0), 1.0, "By people, at the declared minutes and rate.",
        )  # fmt: skip
        model = choices.choose_named(
            "Every model call on", facts.prices.models, "production_model",
            "What the tokens of the last four weeks would have cost on it, by the price table.",
        )  # fmt: skip
        failing = choices.choose_number(
            "Calls failing at load, %", "production_failing",
            round(100 * (facts.failing_share or 0.0), 1), (0.0, 50.0), 0.1,
            "More failures mean more retries: (1 − now) ÷ (1 − at load).",
        )  # fmt: skip
        mix = _mix(facts)
    return queries.Scenario(
        volume=volume, stress=float(stress.removesuffix("×")), model=model, segment_mix=mix,
        review_share=None if review is None else review / 100,
        failing_share=None if failing is None else failing / 100,
    )  # fmt: skip


def _volume(facts: queries.Facts) -> float | None:
    usual = facts.volume or facts.monthly_runs
    top = 10 ** math.ceil(math.log10(max(10 * usual, 100)))
    return choices.choose_number(
        "Runs a month", "production_volume", float(round(usual)), (0.0, float(top)),
        float(max(1, top // 1000)), "The declared volume, until you move it.",
    )  # fmt: skip


def _mix(facts: queries.Facts) -> dict[str, float] | None:
    """Shares by segment; null while none was moved."""
    if len(facts.segments) < 2:
        return None
    with st.popover(f"Mix by {facts.dimension}", icon=":material/tune:", width="stretch"):
        chosen = {one.name: _share(place, one) for place, one in enumerate(facts.segments)}
    if all(share is None for share in chosen.values()):
        return None
    now = {one.name: round(100 * one.share) for one in facts.segments}
    return {name: now[name] if share is None else share for name, share in chosen.items()}


def _share(place: int, one: queries.Segment) -> float | None:
    key, usual = f"production_mix_{place}", float(round(100 * one.share))
    about = f"{one.runs:,} runs measured."
    return choices.choose_number(esc(one.name), key, usual, (0.0, 100.0), 1.0, about)


def projected_kpis(found: queries.Projected, write: Write) -> None:
    """The answer, the month, a success, and what is left of the budget."""
    st.markdown(f"{SIGNS[found.fit.answer]} {esc(found.fit.why, 400)}")
    bill, each = found.bill, found.per_success_usd
    with st.grid(3, min_column_width=200, gap="small"):
        _band("A month costs", bill and bill.monthly_usd, bill and bill.told, write)
        _band("A success costs", each and each.value, each and each.told, write)
        left = "not known" if found.headroom_usd is None else "at the upper end of the month"
        fact("Left of the budget", write(found.headroom_usd), left)
    for words in (found.model_note, *found.notes):
        if words:
            st.caption(esc(words, 400))


def _band(name: str, usd: float | None, ends: tuple[float, float] | None, write: Write) -> None:
    note = "not known" if usd is None else "a forecast"
    amount(name, usd, ends or (None, None), write, level="90%", note=note)


def bills(found: queries.Projected) -> Answer:
    """The month at one, five and ten times the fixed cost."""
    return store.answer(found.frame, "bills", str(found.bills))


def days_of(facts: queries.Facts) -> Answer:
    """Runs and cost of each day behind the growth with volume."""
    return store.answer(facts.days, "production_days", facts.workflow)


def growth_options(facts: queries.Facts) -> dict[str, Any]:
    """The exponent with its interval, or why there is none."""
    growth = facts.growth
    return {
        "exponent": growth.exponent, "lo": growth.lo, "hi": growth.hi, "silence": growth.silence,
    }  # fmt: skip


def driver_list(found: queries.Projected) -> None:
    """What the projection rests on, each with where it comes from and on how many."""
    rows = [(d.name, d.value, d.basis, d.n) for d in found.drivers]
    schema = {"driver": pl.String, "value": pl.String, "basis": pl.String, "n": pl.Int64}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    answer = store.answer(frame, "drivers", str(rows))
    wide = {"value": st.column_config.TextColumn("Value", width=620)}
    tables.table(answer, "drivers", height=36 * (frame.height + 1), columns=wide)
    tables.download("drivers", answer)


def prospect_links(chosen: tuple[Any, ...] | None) -> None:
    """The workflow that was clicked leads to its sliders."""
    if chosen and chosen[0]:
        links.link("production", f"**{esc(chosen[0])}**: try other volumes",
                   icon=":material/arrow_forward:", workflow=chosen[0])  # fmt: skip
    else:
        st.caption("Choose a workflow to move its volume, model, review and infrastructure.")
