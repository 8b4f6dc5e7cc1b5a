"""The bill against the traces, by which record each month is known, and the prices behind it."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

import queries
from ui import store, tables
from ui.cards import Write
from ui.cost.steps import Step, steps
from ui.filters import Filters
from ui.store import Answer
from ui.text import day, dollars, esc

LEAST_MOVE, MOST = 0.01, 6


def bill_steps(f: Filters) -> Answer:
    """The steps from what was traced to what was billed; no rows where nothing was billed."""
    found: queries.Bill | None = store.computed("bill", f.since, f.until)
    rows: list[Step] = []
    if found:
        rows = [("traced", found.traced_usd, "what the traces of these days cost"), *found.steps]
        rows += [("billed", found.billed_usd, "what the invoice or usage export says")]
    return steps(rows, "bill", f.since, f.until)


def bill_caption(f: Filters) -> str:
    """The days and providers the comparison rests on, and what cannot be priced in it."""
    found: queries.Bill | None = store.computed("bill", f.since, f.until)
    if found is None:
        return f"No provider's bill covers a day of {f.words()}."
    days = found.lines.select(pl.col("first_day").min(), pl.col("last_day").max()).row(0)
    said = _join(found.lines["provider"].unique().sort().to_list())
    said += f", {day(days[0])} to {day(days[1])}."
    if found.untold_calls:
        said += f" {found.untold_calls:,} traced calls have no price: part of it may be theirs."
    return said


def _join(names: list[str]) -> str:
    return ", ".join(esc(name) for name in names)


def record_list(f: Filters, write: Write) -> None:
    """By which record each provider's month is known, and which estimate it replaced."""
    answer = store.fetch("bill_history", since=f.since, until=f.until)
    moved = (pl.col("cost_usd") - pl.col("replaced_usd")).abs() >= LEAST_MOVE
    replaced = answer.frame.filter(moved & pl.col("known_at").is_not_null())
    for row in replaced.head(MOST).iter_rows(named=True):
        st.markdown(dollars(_replaced(row, write)))
    tables.rows(answer, "bill-history", "No spend is recorded in this window.")


def _replaced(row: dict[str, Any], write: Write) -> str:
    usd, before = row["cost_usd"], row["replaced_usd"]
    moved = f" ({usd / before - 1:+.1%})" if before else ""
    return (
        f"{row['month']:%B}, {esc(row['provider'])}: since {day(row['known_at'])} the "
        f"{row['source'].replace('_', ' ')} counts, {write(usd)} for {row['days']} days; "
        f"before, {row['replaced_source'].replace('_', ' ')} said {write(before)}{moved}."
    )


def unpriced(f: Filters) -> None:
    """Models whose calls have no price, and amounts in a currency that has no rate."""
    calls = store.fetch("unpriced_calls", f)
    if calls.frame.height:
        n, models = calls.frame["calls"].sum(), calls.frame["model"].n_unique()
        st.warning(
            f"{n:,} calls of {models} models have no price: they are unknown, not free. Load a "
            "prices.csv (model, token_class, usd_per_token, valid_from, price_version).",
            icon=":material/help:",
        )
        tables.table(calls, "unpriced")
    n_apart = apart()
    if calls.frame.is_empty() and not n_apart:
        st.markdown(":green-badge[● Every call has a price, every amount a rate]")


def apart() -> int:
    """Say which amounts are in a currency without a rate, and in no sum; how many there are."""
    amounts = store.fetch("unconverted").frame
    for row in amounts.iter_rows(named=True):
        st.warning(
            f"{row['amount']:,.2f} {esc(row['currency'])} in {row['lines']:,} lines have no rate "
            "and stand apart from every sum. Load fx_rates.csv (currency, valid_from, "
            "usd_per_unit).",
            icon=":material/currency_exchange:",
        )
    return amounts.height


def price_list() -> None:
    """The prices in use, the oldest check first; what was not checked for half a year is said."""
    as_of = store.fetch("store_summary").first()["as_of"]
    answer = store.fetch("price_list", as_of=as_of)
    stale = answer.frame.filter("is_stale")
    if stale.height:
        names = _join(stale["model"].unique().sort().to_list())
        st.warning(f"Not checked for half a year or more: {names}.", icon=":material/schedule:")
    used = Answer(
        answer.frame.filter(pl.col("calls") > 0).sort("checked_on", "model", "token_class"),
        (*answer.key, "used"),
    )
    tables.rows(used, "prices", "No call of the last four weeks was priced by the table: every "
                "cost was stated by its source.")  # fmt: skip
    st.caption("New prices: load a prices.csv of your own, or update and run "
               "`python -m ingest --reprice`.")  # fmt: skip
