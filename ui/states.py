"""The signs and words of the scorecard, the same in badges, figures and tables."""

from __future__ import annotations

from typing import Any, NamedTuple

import polars as pl
import streamlit as st

import queries

PATTERNS = queries.patterns()
HELD = "held"


class Sign(NamedTuple):
    """How a state is shown: a symbol that no other state has, its colour, a word, its meaning."""

    symbol: str
    colour: str
    word: str
    means: str


SIGNS = {
    "green": Sign("●", "green", "clear", "shown to be within its limits"),
    "amber": Sign("▲", "orange", "watch", "not shown to be within them, nor beyond"),
    "red": Sign("■", "red", "failing", "shown to be beyond its limit"),
    HELD: Sign("□", "red", "failing, stale", "was failing when its data vanished"),
    "unproven": Sign("◌", "gray", "unproven", "a deciding check has no colour yet"),
    "insufficient": Sign("◔", "gray", "too few", "measured on too few rows"),
    "not_measured": Sign("○", "gray", "no data", "what it needs is not recorded"),
    "stale": Sign("▨", "gray", "stale", "the newest data are too old"),
    "not_applicable": Sign("–", "gray", "n/a", "does not apply, for a stated reason"),
    "waived": Sign("◇", "violet", "waived", "accepted by a named owner until a day"),
}
LEVELS = {
    "E0": "declared only",
    "E1": "observed, thin",
    "E2": "observed, solid",
    "E3": "borne out by another record",
}


def shown(result: dict[str, Any]) -> str:
    """The state as it is shown: an alarm that lost its data is still failing, and stale."""
    return HELD if result.get("held_state") else str(result["state"])


def words(state: str | None) -> str:
    """Symbol and word of a state."""
    sign = SIGNS.get(state or "", SIGNS["not_measured"])
    return f"{sign.symbol} {sign.word}"


def badge(state: str | None) -> str:
    """A state as Markdown."""
    sign = SIGNS.get(state or "", SIGNS["not_measured"])
    return f":{sign.colour}-badge[{words(state)}]"


def colours(states: list[str]) -> str:
    """The signs of some states as Markdown, without words."""
    signs = [SIGNS.get(state, SIGNS["not_measured"]) for state in states]
    return " ".join(f":{sign.colour}[{sign.symbol}]" for sign in signs)


def signed(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with `shown`, the state as it is shown, and `verdict`, its symbol and word."""
    held = pl.col("held_state").is_not_null()
    state = pl.when(held).then(pl.lit(HELD)).otherwise(pl.col("state"))
    told = pl.col("shown").replace_strict(
        {name: words(name) for name in SIGNS}, default=words(None), return_dtype=pl.String
    )
    return frame.with_columns(shown=state).with_columns(verdict=told)


def legend() -> None:
    """What every sign means."""
    fold = st.expander("What the signs mean", on_change="rerun", key="legend", type="compact")
    if fold.open:
        with fold:
            for state, sign in SIGNS.items():
                st.markdown(f"{badge(state)} {sign.means}")
